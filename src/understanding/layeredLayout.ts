// Places the nodes of a graph without cycles in ranks, so that every edge leads to a later one (Sugiyama et al. 1981). Pure, and with exact
// arithmetic alone. An axis runs along the edges ("along"), the other one across them.

export interface Sized {
  readonly along: number;
  readonly across: number;
}

/** An edge from node `from` to node `to`, by their numbers. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly along: number;
  readonly across: number;
}

export interface Layout extends Sized {
  /** Middle of each node. */
  readonly nodes: readonly Point[];
  /** For each edge the points that it passes, from its first node's end to its last one's start. */
  readonly edges: readonly (readonly Point[])[];
}

/** Gaps between ranks, between two nodes of a rank, and beside an edge that passes a rank. */
const [RANK_GAP, NODE_GAP, EDGE_GAP] = [30, 24, 12];
const [ORDER_SWEEPS, PLACE_SWEEPS] = [12, 60];

/** A node, or an edge on its way through a rank. */
interface Place {
  readonly size: Sized;
  readonly rank: number;
  readonly isEdge: boolean;
  readonly before: Place[];
  readonly after: Place[];
  /** Number in its rank, and middle across. */
  order: number;
  across: number;
}

/** Each edge must lead from a node to one that comes later in `nodes`. */
export function layOut(nodes: readonly Sized[], edges: readonly Edge[]): Layout {
  const ranks = ranksOf(nodes.length, edges);
  const places = nodes.map((size, i) => makePlace(size, ranks[i]!, false));
  const all = [...places];
  const paths = edges.map(({ from, to }) => {
    const path = [places[from]!];
    for (let rank = ranks[from]! + 1; rank < ranks[to]!; rank++) {
      const passing = makePlace({ along: 0, across: 0 }, rank, true);
      all.push(passing);
      path.push(passing);
    }
    path.push(places[to]!);
    for (let i = 1; i < path.length; i++) {
      path[i - 1]!.after.push(path[i]!);
      path[i]!.before.push(path[i - 1]!);
    }
    return path;
  });
  const rows = Array.from({ length: Math.max(...ranks) + 1 }, (_, rank) => all.filter((place) => place.rank === rank));
  orderRows(rows);
  placeAcross(rows);

  const starts: number[] = [];
  let end = 0;
  const heights = rows.map((row) => Math.max(...row.map(({ size }) => size.along)));
  for (const height of heights) {
    starts.push(end);
    end += height + RANK_GAP;
  }
  const least = Math.min(...all.map(({ across, size }) => across - size.across / 2));
  const most = Math.max(...all.map(({ across, size }) => across + size.across / 2));
  const middle = ({ rank }: Place): number => starts[rank]! + heights[rank]! / 2;
  const acrossOf = ({ across }: Place): number => across - least;
  return {
    along: end - RANK_GAP,
    across: most - least,
    nodes: places.map((place) => ({ along: middle(place), across: acrossOf(place) })),
    edges: paths.map((path) =>
      path.flatMap((place, i): Point[] => {
        const across = acrossOf(place);
        if (place.isEdge)
          return [starts[place.rank]!, starts[place.rank]! + heights[place.rank]!].map((along) => ({ along, across }));
        return [{ along: middle(place) + ((i === 0 ? 1 : -1) * place.size.along) / 2, across }];
      }),
    ),
  };
}

const makePlace = (size: Sized, rank: number, isEdge: boolean): Place => ({
  ...{ size, rank, isEdge, before: [], after: [], order: 0, across: 0 },
});

/** Rank of each node: as early as its inputs allow; a node without inputs stands right before its first reader. */
function ranksOf(count: number, edges: readonly Edge[]): number[] {
  const ranks = new Array<number>(count).fill(0);
  const byTarget = [...edges].sort((a, b) => a.to - b.to);
  for (const { from, to } of byTarget) ranks[to] = Math.max(ranks[to]!, ranks[from]! + 1);
  for (let node = 0; node < count; node++) {
    const readers = edges.filter(({ from }) => from === node).map(({ to }) => ranks[to]! - 1);
    if (!edges.some(({ to }) => to === node) && readers.length > 0) ranks[node] = Math.min(...readers);
  }
  return ranks;
}

/** Orders each row by the mean place of its neighbors, down and up, and keeps the order with the fewest crossings. */
function orderRows(rows: Place[][]): void {
  const number = (row: Place[]): void => row.forEach((place, i) => (place.order = i));
  rows.forEach(number);
  let best = rows.map((row) => [...row]);
  let fewest = crossings(rows);
  for (let sweep = 0; sweep < ORDER_SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      const wanted = new Map(
        row.map((place) => {
          const neighbors = down ? place.before : place.after;
          return [place, neighbors.length === 0 ? place.order : mean(neighbors.map(({ order }) => order))] as const;
        }),
      );
      row.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a.order - b.order);
      number(row);
    }
    const count = crossings(rows);
    if (count >= fewest) continue;
    fewest = count;
    best = rows.map((row) => [...row]);
  }
  best.forEach((row, i) => {
    rows[i] = row;
    number(row);
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function crossings(rows: readonly (readonly Place[])[]): number {
  let count = 0;
  for (const row of rows) {
    const ends = row.flatMap((place) => place.after.map((next) => [place.order, next.order] as const));
    for (const [i, [from, to]] of ends.entries())
      for (const [otherFrom, otherTo] of ends.slice(i + 1)) if ((from - otherFrom) * (to - otherTo) < 0) count++;
  }
  return count;
}

/** How much an edge on its way pulls, beside a node: long edges should be straight. */
const EDGE_WEIGHT = 8;

/** Moves each row as near to its neighbors' places as its order and the gaps allow, down and up again. */
function placeAcross(rows: readonly (readonly Place[])[]): void {
  for (const row of rows) settle(row, () => 0);
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    // The last sweeps look both ways, so that what stands between two others is in line with both.
    const both = sweep >= PLACE_SWEEPS / 2;
    for (const row of down ? rows : [...rows].reverse())
      settle(row, (place) => {
        const neighbors = both ? [...place.before, ...place.after] : down ? place.before : place.after;
        if (neighbors.length === 0) return place.across;
        let [sum, weights] = [0, 0];
        for (const { across, isEdge } of neighbors) {
          const weight = isEdge && place.isEdge ? EDGE_WEIGHT : 1;
          sum += weight * across;
          weights += weight;
        }
        return sum / weights;
      });
  }
}

interface Block {
  readonly places: Place[];
  readonly offsets: number[];
  /** Sum of weights, and of where the first place would be if each had its way, times its weight. */
  weight: number;
  sum: number;
}

/** Least squares under the gaps: neighbors that would overlap become a block at the mean of where they want to be. */
function settle(row: readonly Place[], wantedOf: (place: Place) => number): void {
  const blocks: Block[] = [];
  const at = ({ sum, weight }: Block): number => sum / weight;
  const wanted = row.map(wantedOf);
  let offset = 0;
  for (const [i, place] of row.entries()) {
    if (i > 0) offset += gapBetween(row[i - 1]!, place);
    const weight = place.isEdge ? EDGE_WEIGHT : 1;
    blocks.push({ places: [place], offsets: [offset], weight, sum: weight * (wanted[i]! - offset) });
    while (blocks.length > 1 && at(blocks.at(-1)!) < at(blocks.at(-2)!)) {
      const last = blocks.pop()!;
      const before = blocks.at(-1)!;
      before.places.push(...last.places);
      before.offsets.push(...last.offsets);
      before.weight += last.weight;
      before.sum += last.sum;
    }
  }
  for (const block of blocks)
    for (const [i, place] of block.places.entries()) place.across = at(block) + block.offsets[i]!;
}

/** Distance from one middle to the next. */
function gapBetween(a: Place, b: Place): number {
  return (a.size.across + b.size.across) / 2 + (a.isEdge || b.isEdge ? EDGE_GAP : NODE_GAP);
}
