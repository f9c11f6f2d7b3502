// Which vectors a build is made for. Both are written in vectors of 128 bits; on those of 256 V8 runs two neighboring operations
// as one, where they are the same and side by side in memory, and has twice the room in its registers.

/** Whether this is a wide build: for a V8 that packs pairs. */
export const WIDE: bool = isDefined(VECTORS_256);
