// Ctrl-C, `kill` and a terminal that closes: the first asks for an end after the current step, the second ends the process as it always does.
import { constants } from 'node:os';
import { WasmCnnError } from '../../base/errors.js';

/** The reason of an abort by a signal. */
export class Interrupted extends WasmCnnError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals, more = '') {
    super(`stopped by ${signal}${more}`);
    this.signal = signal;
  }

  /** Exit code, as a shell has it: 129 for SIGHUP, 130 for SIGINT, 143 for SIGTERM. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** npm passes on the signal that the terminal has sent to all processes: one Ctrl-C arrives twice within moments. */
const SAME_PRESS_MS = 500;

const AGAIN: Partial<Record<NodeJS.Signals, string>> = {
  SIGINT: 'Ctrl-C again',
  SIGTERM: 'another one',
  SIGHUP: 'SIGTERM',
};

/** Runs `work` with a signal that SIGINT, SIGTERM and SIGHUP abort; `rest` is what it still does then. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  rest = 'finishing this step and writing a checkpoint',
): Promise<Result> {
  const controller = new AbortController();
  const remove = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  };
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) return;
    controller.abort(new Interrupted(signal));
    console.error(`${signal}: ${rest}; ${AGAIN[signal]} stops at once`);
    // With no listener the system ends the process, even in the middle of a kernel.
    setTimeout(remove, SAME_PRESS_MS).unref();
  };
  // A terminal that closes tells several times, through the shell and npm: that is not impatience.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    remove();
    process.off('SIGHUP', interrupt);
  }
}
