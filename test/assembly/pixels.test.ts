// Image bytes to f32: exactly the f32 nearest to byte / 255.
import { test } from 'uvu';
import { onEachBuild, same } from './guardedMemory.js';

onEachBuild('all 256 bytes, and counts around the vector of 16', (memory, kernels) => {
  for (const count of [1, 3, 15, 16, 17, 31, 33, 256]) {
    const bytes = Uint8Array.from({ length: count }, (_, i) => (count === 256 ? i : (i * 37 + count) & 255));
    const y = memory.output(count);
    kernels.pixelsToFloats(y.byteOffset, memory.inputBytes(bytes).byteOffset, count);
    same(
      y,
      Float32Array.from(bytes, (byte) => byte / 255),
      `${count} bytes`,
    );
    memory.verify(`${count} bytes`);
  }
});

onEachBuild('bytes may start anywhere', (memory, kernels) => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i * 6);
  for (const start of [1, 2, 3]) {
    const y = memory.output(37);
    kernels.pixelsToFloats(y.byteOffset, memory.inputBytes(bytes).byteOffset + start, 37);
    same(
      y,
      Float32Array.from(bytes.subarray(start, start + 37), (byte) => byte / 255),
      `from byte ${start}`,
    );
    memory.verify(`from byte ${start}`);
  }
});

test.run();
