// What is fuzzed: a reader, how its files are made, and what must hold of each.
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import type { Decisions } from './decisions.js';

/** Whether the reader took the file. */
export type Verdict = 'read' | 'refused';

export interface Target {
  /** Files that are read at once; 1 where reading does not wait for anything. */
  readonly filesEach: number;
  /** Fewest and most decisions. Default 0 and 192. */
  readonly decisions?: readonly [fewest: number, most: number];
  /** Longest that files that are read at once may take, in ms of the processor, as others use it, too. Default 5000. */
  readonly mostMs?: number;
  /** By so much the process may grow over any number of files. Default 512. */
  readonly mostMiB?: number;
  /** Makes a file, has it read, and throws unless it was read rightly or rightly refused. */
  check(decisions: Decisions): Verdict | Promise<Verdict>;
}

/** What errors call the file. */
export const who = 'the-file';
const LONGEST_SENTENCE = 600;

/** In seconds. */
const SHORT = 0.5;
let sample = { at: -Infinity, used: 0 };

/**
 * Gives the seconds since now: of the processor, as others use it, too, where they are not few. To ask for those takes longer than many a
 * file, so it is done twice a second; what is told is at most that much more.
 */
export function stopwatch(): () => number {
  const began = performance.now() / 1000;
  if (began - sample.at > SHORT) sample = { at: began, used: processorSeconds() };
  const { used } = sample;
  return () => {
    const wall = performance.now() / 1000 - began;
    return wall < SHORT ? wall : Math.min(wall, processorSeconds() - used);
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The reader's result, or undefined where it refused in one sentence. Any other error is thrown. */
export function outcome<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return checkRefusal(error);
  }
}

/** As {@link outcome}, and in at most a second a MiB of the file, and one for garbage collections: of the processor's, as others use it, too. */
export function outcomeInTime<T>(file: Uint8Array, read: () => T): T | undefined {
  const elapsed = stopwatch();
  const result = outcome(read);
  const [seconds, mebibytes] = [elapsed(), file.length / 2 ** 20];
  assert.ok(seconds <= 1 + mebibytes, `${seconds} s for ${mebibytes} MiB`);
  return result;
}

export function checkRefusal(error: unknown): undefined {
  if (!(error instanceof WasmCnnError)) throw error;
  const { message } = error;
  assert.ok(message.startsWith(who), message);
  assert.ok(message.length <= LONGEST_SENTENCE, `a sentence of ${message.length} characters: ${message.slice(0, 200)}`);
  // A terminal obeys control characters.
  assert.not.match(message, /\p{Cc}/u);
}

/**
 * What a reader that is awaited does with a file: reads it, or refuses it in one sentence unless it is sound; in so many seconds of the
 * processor's, as others use it, too.
 */
export async function verdictOf(isSound: boolean, most: number, read: () => Promise<void>): Promise<Verdict> {
  const elapsed = stopwatch();
  try {
    await read();
    return 'read';
  } catch (error) {
    checkRefusal(error);
    assert.ok(!isSound, `it was to be read: ${(error as Error).message}`);
    return 'refused';
  } finally {
    const seconds = elapsed();
    assert.ok(seconds < most, `${seconds} s, and ${most} were allowed`);
  }
}

/** Sentences about a file, which may quote it. */
export function checkNotes(notes: readonly string[]): void {
  for (const note of notes) {
    assert.ok(note.length <= 1000, `a note of ${note.length} characters`);
    assert.not.match(note, /[\p{Cc}\p{Bidi_Control}]/u);
  }
}

/** Plain comparison: uvu's looks at each element. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
