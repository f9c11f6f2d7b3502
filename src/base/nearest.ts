// The known name that someone most likely meant.

/** A name without what differs between languages: val_loss, valLoss. */
const bare = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The one of `known` (at least one) that is most like `name`, which misses or adds the fewest letters: 'val_acc' → 'val_accuracy'. */
export function nearestName(name: string, known: readonly string[]): string {
  const distances = known.map((each) => missing(bare(name), bare(each)));
  return known[distances.indexOf(Math.min(...distances))]!;
}

/** 'lr' for learningRate. */
const initials = (name: string): string => bare(name.replace(/\B[^A-Z]/g, ''));

/** A name that is not known, for a sentence: 'batch_size' (did you mean 'batchSize'?), where one is like it by more than half. */
export function unknown(name: unknown, known: readonly string[]): string {
  const given = String(name);
  const short = known.find((each) => initials(each) === given);
  const nearest = short ?? (known.length > 0 ? nearestName(given, known) : '');
  const isNear = short || 4 * missing(bare(given), bare(nearest)) <= given.length + nearest.length;
  return `'${given}'${isNear ? ` (did you mean '${nearest}'?)` : ''}`;
}

/** Letters that are in one of two texts alone, where those in both keep their order. */
function missing(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const above = row;
    row = [0];
    for (let i = 1; i <= b.length; i++)
      row.push(b[i - 1] === letter ? above[i - 1]! + 1 : Math.max(above[i]!, row[i - 1]!));
  }
  return a.length + b.length - 2 * row[b.length]!;
}
