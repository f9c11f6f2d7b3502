// Training in a realm of Node's vm, as test runners make them: what their files get is of no class that an instanceof there knows.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('realm.js', import.meta.url));

function trainIn(handedIn: readonly string[]): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--experimental-vm-modules', script, handedIn.join()],
    { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } },
  );
  return stdout + stderr;
}

const good = 'the same everywhere\nWasmCnnError WasmCnnError\n';

test('a realm with all built-ins of its own', () => assert.is(trainIn([]), good));
test("Jest's node environment, which hands in the outer ArrayBuffer and Uint8Array", () =>
  assert.is(trainIn(['ArrayBuffer', 'Uint8Array', 'crypto']), good));
test('with all typed arrays from outside', () =>
  assert.is(
    trainIn(['ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array', 'Int32Array', 'Float32Array', 'DataView']),
    good,
  ));
test('with the errors and WebAssembly from outside', () =>
  assert.is(trainIn(['Error', 'TypeError', 'RangeError', 'WebAssembly']), good));

test.run();
