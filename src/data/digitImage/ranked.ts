// A picture's values by rank (the median, a quantile), without sorting all of them.

const BINS = 1024;

/** The values that would stand at the indices `ranks` if all were sorted, the least first. */
export function ranked(values: Uint8Array | Float32Array, ...ranks: readonly number[]): number[] {
  return isBytes(values) ? rankedBytes(values, ranks) : rankedFloats(values, ranks);
}

function isBytes(values: Uint8Array | Float32Array): values is Uint8Array {
  return values.BYTES_PER_ELEMENT === 1;
}

function rankedBytes(values: Uint8Array, ranks: readonly number[]): number[] {
  const counts = new Uint32Array(256);
  for (let i = 0; i < values.length; i++) counts[values[i]!]!++;
  return ranks.map((rank) => binOfRank(counts, rank).bin);
}

/** Only the bins that hold the ranks are sorted. */
function rankedFloats(values: Float32Array, ranks: readonly number[]): number[] {
  let least = Infinity,
    greatest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (least === greatest) return ranks.map(() => least);
  const scale = (BINS - 1) / (greatest - least),
    counts = new Uint32Array(BINS),
    bins = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i]! - least) * scale);
    bins[i] = bin;
    counts[bin]!++;
  }
  return ranks.map((rank) => {
    const { bin, before } = binOfRank(counts, rank);
    const inBin = new Float32Array(counts[bin]!);
    for (let i = 0, n = 0; i < bins.length; i++) if (bins[i] === bin) inBin[n++] = values[i]!;
    return inBin.sort()[rank - before]!;
  });
}

function binOfRank(counts: Uint32Array, rank: number): { bin: number; before: number } {
  let bin = 0,
    before = 0;
  while (before + counts[bin]! <= rank) before += counts[bin++]!;
  return { bin, before };
}
