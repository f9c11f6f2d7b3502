// Firefox's own driver, which geckodriver speaks to: JSON over a socket, each message after its length.
// https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { check } from '../../src/base/errors.js';

export interface Marionette {
  /** Orders go out one at a time. */
  send(command: string, parameters: object): Promise<any>;
}

/** To a Firefox that was started with --marionette and this profile, whose user.js says marionette.port 0. */
export async function connectMarionette(profile: string, patience: number): Promise<Marionette> {
  const port = join(profile, 'MarionetteActivePort');
  for (let waited = 0; !existsSync(port); waited += 100) {
    check(waited < patience, 'Firefox does not start');
    await after(100);
  }
  const socket = connect(Number(readFileSync(port, 'utf8')), '127.0.0.1');
  let answered = (_: unknown[]): void => {};
  let lost = (_: Error): void => {};
  let received = Buffer.alloc(0);
  const greeted = new Promise((resolve, reject) => ([answered, lost] = [resolve, reject]));
  socket.on('close', () => lost(new Error('Firefox is gone'))).on('error', (error) => lost(error));
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    const colon = received.indexOf(':');
    const end = colon + 1 + Number(received.subarray(0, colon));
    if (colon < 0 || received.length < end) return;
    const message = JSON.parse(received.subarray(colon + 1, end).toString()) as unknown[];
    received = received.subarray(end);
    answered(message);
  });
  await greeted;
  return {
    async send(command, parameters) {
      // [0, number, command, parameters] is answered by [1, number, error or null, result].
      check(!socket.destroyed, 'Firefox is gone');
      const order = JSON.stringify([0, 1, command, parameters]);
      const [, , error, result] = await new Promise<unknown[]>((resolve, reject) => {
        [answered, lost] = [resolve, reject];
        socket.write(`${Buffer.byteLength(order)}:${order}`);
      });
      check(error === null, () => `Firefox, ${command}: ${(error as Error).message}`);
      return result;
    },
  };
}
