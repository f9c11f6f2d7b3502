// A folder for one test, removed when the test process ends. Nothing of it is kept in the user's cache folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env['WASM_CNN_CACHE'] ??= 'off';

const folders: string[] = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-'));
  folders.push(folder);
  return folder;
}
