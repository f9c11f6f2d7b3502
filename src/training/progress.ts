// What fit and evaluate print with `verbose`, in the form of Keras' lines.
import { check } from '../base/errors.js';
import { now } from '../base/eventLoop.js';
import { describe } from '../base/options.js';
import type { Callbacks } from '../callbacks/callback.js';
import type { Logs } from './session.js';

/** How often a line is renewed, in milliseconds. */
const RENEWED = 100;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): void;
}

export function checkVerbose(verbose: unknown, who: string): void {
  check(
    ['auto', 0, 1, 2].includes(verbose as number),
    () => `${who}'s verbose must be 'auto', 0, 1 or 2, got ${describe(verbose)}`,
  );
}

export function figuresOf(logs: Logs): string[] {
  return Object.entries(logs).map(([name, value]) => `${name}: ${value.toPrecision(4)}`);
}

/** `renews`: shows each epoch's line while it trains, where there is a terminal. */
export function progress(model: { readonly step: number }, epochs: number, renews: boolean): Callbacks {
  const { stdout } = (globalThis as { process?: { stdout?: Terminal } }).process ?? {};
  const terminal = renews && stdout?.isTTY ? stdout : null;
  let [begun, shown, firstStep, number] = [0, 0, 0, 0];
  const line = (logs: Logs): string => {
    const seconds = (now() - begun) / 1000;
    const steps = model.step - firstStep;
    const perStep = seconds / Math.max(1, steps);
    const each = `${perStep < 1 ? `${(1000 * perStep).toPrecision(3)} m` : `${perStep.toFixed(1)} `}s/step`;
    return [
      `Epoch ${number}/${epochs}`,
      `${steps} step${steps === 1 ? '' : 's'}`,
      `${seconds.toFixed(1)} s`,
      each,
      ...figuresOf(logs),
    ].join(' - ');
  };
  return {
    onEpochBegin(epoch) {
      [begun, shown, firstStep, number] = [now(), 0, model.step, epoch + 1];
    },
    ...(terminal && {
      onBatchEnd(_, logs) {
        if (now() - shown < RENEWED) return;
        shown = now();
        terminal.write(`\r${line(logs)}\x1b[K`);
      },
    }),
    onEpochEnd(_, logs) {
      if (terminal) terminal.write('\r\x1b[K');
      console.log(line(logs));
    },
  };
}
