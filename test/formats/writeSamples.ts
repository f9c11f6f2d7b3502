// Writes samples of model files with the library of any version, and what they lead to. README.md of samples/ says when.
//
//   node build/test/formats/writeSamples.js FOLDER 'WHO WRITES' [BUILD]       BUILD: another version's build/; default: this one's
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Library from '../../src/index.js';
import { bitsOf, checkpointStep, factsOf, fit, furtherEpoch, kinds, type Expected } from './samples.js';

const [folder, writtenBy, build] = process.argv.slice(2) as [string, string, string?];
const at = build ? pathToFileURL(join(resolve(build), 'src/index.js')) : new URL('../../src/index.js', import.meta.url);
const library = (await import(at.href)) as typeof Library;
const files: Record<string, unknown> = {};
mkdirSync(folder, { recursive: true });

for (const [name, kind] of Object.entries(kinds)) {
  if (name === 'graph' && !('input' in library)) continue;
  const write = async (file: string, bytes: Uint8Array, ended?: object): Promise<void> => {
    writeFileSync(join(folder, `${file}.safetensors`), bytes);
    files[file] = { kind: name, loaded: await bitsOf(library.loadModel(bytes).model), ...(ended && { ended }) };
  };
  const goOn = async (bytes: Uint8Array, options: object): Promise<object> => {
    const { model } = library.loadModel(bytes);
    const { epoch, history } = await fit(library, model, kind, options);
    return { ...(await bitsOf(model)), history: { epoch, history } };
  };

  // A fit that is interrupted in mid-epoch, and one that is not: the same end.
  const stop = new AbortController();
  let checkpoint = new Uint8Array();
  const interrupted = kind.make(library);
  const callbacks = [
    { onBatchEnd: () => interrupted.step === checkpointStep && stop.abort(new Error('enough')) },
    library.modelCheckpoint({ facts: factsOf.Checkpoint, save: (bytes) => void (checkpoint = Uint8Array.from(bytes)) }),
  ] as Library.Callbacks[];
  await fit(library, interrupted, kind, { epochs: 8, seed: 7, signal: stop.signal, callbacks }).catch(
    (error: Error) => {
      if (error.message !== 'enough') throw error;
    },
  );
  const whole = kind.make(library);
  const { epoch, history } = await fit(library, whole, kind, { epochs: 8, seed: 7 });
  await write(`${name}Checkpoint`, checkpoint, { ...(await bitsOf(whole)), history: { epoch, history } });

  if (kind.checkpointOnly) continue;
  const trained = kind.make(library);
  await fit(library, trained, kind, { epochs: 2, seed: 7 });
  const model = trained.save({ facts: factsOf.Model });
  await write(`${name}Model`, model, await goOn(model, furtherEpoch));
  await write(`${name}Inference`, trained.save({ includeOptimizer: false }));
}
const expected = { writtenBy, files } as Expected;
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
