// A model file as another tool writes it, with contents of its own: without the checksum of those that were saved.
import { writeSafetensors, type SafetensorsFile } from '../../src/formats/safetensors.js';

export function writeWithoutChecksum({ tensors, metadata }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  return writeSafetensors({ tensors, metadata: new Map([...metadata].filter(([key]) => key !== 'checksum')) });
}
