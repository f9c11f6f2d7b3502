// A command outlives its output: a reader that went away (| head), a log on a full disk, a terminal that was closed.
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { codeOf, withFileErrors } from '../files/files.js';

type Write = NodeJS.WriteStream['write'];

/**
 * From the first write that fails, what goes to that stream is dropped, and the command continues. `onLost` is called where standard output
 * is lost by anything but its reader: `| head` has read what it wanted.
 */
export function guardOutput(onLost: () => void): void {
  leaveVanishedTerminals();
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as Write;
    let failed = false;
    const drop = (error: unknown): void => {
      if (failed) return;
      failed = true;
      if (stream === process.stderr || codeOf(error) === 'EPIPE') return;
      onLost();
      void withFileErrors('write', 'standard output', () => Promise.reject(error)).catch(({ message }: Error) =>
        console.error(`${message}; the command continues without it`),
      );
    };
    stream.on('error', drop);
    // Files and terminals throw at once, pipes tell later.
    stream.write = ((...given: Parameters<Write>) => {
      try {
        if (!failed) return write(...given);
      } catch (error) {
        drop(error);
      }
      const done = given.at(-1) as unknown;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    }) as Write;
  }
}

/**
 * At its end Node sets the terminals back that it began with, and aborts (exit code 134) where one has vanished; a file that is another
 * one by then it leaves alone.
 */
function leaveVanishedTerminals(): void {
  const terminals = [0, 1, 2].filter(isatty);
  process.once('exit', () => {
    for (const terminal of terminals.filter((fd) => !isatty(fd))) {
      closeSync(terminal);
      // The lowest number that is free: the same.
      openSync(devNull, 'r+');
    }
  });
}
