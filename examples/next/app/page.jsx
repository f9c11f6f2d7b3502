// Trains on a page that Next.js builds: npm install wasm-cnn next react react-dom && npx next build next && npx next start next.
'use client';
import { useEffect, useState } from 'react';
import { referenceNetwork } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

export default function Page() {
  const [said, say] = useState('loading');
  useEffect(() => {
    const stop = new AbortController();
    train(say, stop.signal).catch((error) => stop.signal.aborted || say(error.message));
    return () => stop.abort();
  }, []);
  return <p id="said">{said}</p>;
}

async function train(say, signal) {
  const { train, test } = builtinDigits({ trainCount: 1000, testCount: 200 });
  const model = referenceNetwork();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(train.x, train.y, {
    epochs: 2,
    signal,
    callbacks: [{ onBatchEnd: (batch, { loss }) => say(`batch ${batch}, loss ${loss.toFixed(3)}`) }],
  });
  say(`accuracy ${(await model.evaluate(test.x, test.y)).accuracy.toFixed(3)}`);
}
