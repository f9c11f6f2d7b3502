// Whether a file still holds what was saved.
import { check } from '../base/errors.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import type { SafetensorsFile } from './writeSafetensors.js';

/** A file that another tool wrote may have no checksum, and is taken as it is. */
export function checkContents(file: SafetensorsFile, who: string): void {
  const saved = file.metadata.get(CHECKSUM);
  if (saved === undefined) return;
  const now = checksumOf(file);
  check(
    saved === now,
    () =>
      `${who}: its contents are not those that were saved (checksum ${saved}, now ${now}); it is damaged, take an earlier file; or, if a program changed it on purpose, have that program leave the metadata '${CHECKSUM}' out`,
  );
}
