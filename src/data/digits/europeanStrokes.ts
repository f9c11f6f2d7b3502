// How people taught on the European continent write, as MNIST's Americans hardly do: the ten digits' strokes, drawn anew each time.
import type { RandomStream } from '../../base/random.js';
import { arc, bell, chance, type Stroke } from './curves.js';
import { writeDigit } from './strokes.js';

// Units are a digit's height, as in strokes.ts.

/** A long upstroke, up to a roof as high as the stem; seldom a foot. */
function one(r: RandomStream): Stroke[] {
  const slant = bell(r, 0, 0.06),
    reach = r.between(0.15, 0.75),
    low = Math.min(1, Math.max(0.2, reach * r.between(0.8, 2)));
  const stem: Stroke = [0.5 + slant - reach, low, 0.5 + slant, 0, 0.5 + slant, 0, 0.5 + bell(r, 0, 0.03), 0.5];
  stem.push(0.5 - slant, 1);
  return chance(r, 0.1) ? [stem, [0.25 - slant, 1, 0.75 - slant, 1]] : [stem];
}

/** A straight foot, with a corner or after a small loop, as often as not. */
function two(r: RandomStream): Stroke[] {
  if (chance(r, 0.5)) return writeDigit(2, r);
  const right = bell(r, 0.68, 0.08),
    left = bell(r, 0.05, 0.05);
  const stroke: Stroke = [
    left + r.between(0, 0.1),
    bell(r, 0.2, 0.06),
    (left + right) / 2,
    0,
    right,
    bell(r, 0.25, 0.05),
  ];
  stroke.push((left + right) / 2 + bell(r, 0.1, 0.04), bell(r, 0.6, 0.05), left, 0.98, left, 0.98);
  stroke.push(right + r.between(-0.05, 0.2), bell(r, 0.98, 0.03));
  return [stroke];
}

/** Ends in a straight line. */
function three(r: RandomStream): Stroke[] {
  const right = bell(r, 0.62, 0.07),
    waist = bell(r, 0.45, 0.04),
    middle = right * r.between(0.3, 0.7),
    foot = right + bell(r, 0.05, 0.05);
  const top: Stroke = chance(r, 0.3)
    ? [0.05, bell(r, 0.02, 0.03), right, bell(r, 0.02, 0.03), right, 0.02, middle, waist]
    : [
        0.03,
        bell(r, 0.08, 0.04),
        right * 0.55,
        0,
        right,
        bell(r, 0.18, 0.04),
        right * 0.8,
        waist - 0.04,
        middle,
        waist,
      ];
  return [[...top, middle, waist, ...hook(foot, waist + 0.05, r.between(-0.1, 0.2), r)]];
}

/** Open: a stroke down and across, and a short stem through it. */
function four(r: RandomStream): Stroke[] {
  const bar = bell(r, 0.6, 0.06),
    left = bell(r, 0.05, 0.04),
    stem = bell(r, 0.62, 0.07),
    rise = bell(r, 0.01, 0.04);
  const corner: Stroke = [left, bar, left, bar];
  if (chance(r, 0.25)) corner.splice(0, 4, left + 0.03, bar - 0.06, left + 0.12, bar); // a round corner
  return [
    [bell(r, 0.24, 0.09), 0, ...corner, stem, bar - rise, stem + r.between(0.02, 0.3), bar - 1.5 * rise],
    [
      stem + bell(r, 0.03, 0.05),
      r.between(0.08, 0.5),
      stem + bell(r, 0, 0.03),
      bar,
      stem - bell(r, 0.02, 0.05),
      r.between(0.9, 1.05),
    ],
  ];
}

/** Ends in a straight line; the bar often stands apart. */
function five(r: RandomStream): Stroke[] {
  const neck = bell(r, 0.42, 0.05),
    left = bell(r, 0.12, 0.05),
    top = left + bell(r, 0.03, 0.04),
    gap = chance(r, 0.6) ? bell(r, 0.04, 0.05) : 0;
  const bowl = hook(bell(r, 0.72, 0.07), neck + 0.02, r.between(-0.1, 0.15), r);
  return [
    [top, 0.04, left, neck, left, neck, left + 0.22, neck - bell(r, 0.02, 0.03), ...bowl],
    [top + gap, bell(r, 0, 0.03), top + bell(r, 0.45, 0.1), bell(r, -0.02, 0.04)],
  ];
}

/** A bar across the stem, a sharp corner, often a serif. */
function seven(r: RandomStream): Stroke[] {
  const right = bell(r, 0.65, 0.09),
    top = bell(r, 0.03, 0.03),
    foot = right - Math.max(-0.05, bell(r, 0.18, 0.14));
  const bar = bell(r, 0.5, 0.06),
    middle = right + (foot - right) * bar;
  const stroke: Stroke = [bell(r, 0.05, 0.04), bell(r, 0.04, 0.04), right, top, right, top];
  stroke.push((right + foot) / 2 + bell(r, 0.01, 0.03), 0.5, foot, 1);
  if (chance(r, 0.3)) stroke.unshift(stroke[0]! - bell(r, 0, 0.03), r.between(0.1, 0.25), stroke[0]!, stroke[1]!);
  if (chance(r, 0.1)) return [stroke];
  return [
    stroke,
    [
      middle - r.between(0.1, 0.45),
      bar + bell(r, 0.02, 0.03),
      middle + r.between(0.02, 0.32),
      bar - bell(r, 0.02, 0.03),
    ],
  ];
}

/** A tail that turns left and runs out flat, as a g's. */
function nine(r: RandomStream): Stroke[] {
  const high = Math.max(0.15, bell(r, 0.25, 0.04)),
    wide = Math.max(0.15, bell(r, 0.27, 0.05)),
    left = bell(r, 0.08, 0.05);
  const right = left + 2 * wide + bell(r, 0, 0.03);
  const loop = arc(left + wide, high, wide, high, bell(r, 0.88, 0.08), -bell(r, 0.9, 0.1), 8, bell(r, 0, 0.06));
  const stem: Stroke = [right, bell(r, 0.08, 0.08)];
  if (chance(r, 0.65)) stem.push(...stem);
  return [[...loop, ...stem, ...hook(right + bell(r, 0.02, 0.04), 2 * high - 0.05, r.between(-0.1, 0.35), r)]];
}

/** A stroke from the right at the height `from` down, round or with a corner, and out to `end` on the left along the bottom. */
function hook(right: number, from: number, end: number, r: RandomStream): Stroke {
  const bottom = bell(r, 0.98, 0.03),
    flat = bottom + bell(r, -0.01, 0.03);
  if (chance(r, 0.25)) return [right, (from + bottom) / 2, right, bottom, right, bottom, end, flat];
  const turn = bell(r, 0.22, 0.06); // where the curve turns left
  return [
    right,
    from + (bottom - from) * 0.35,
    right - turn * 0.2,
    bottom - turn * 0.6,
    right - turn,
    bottom,
    (right - turn + end) / 2,
    (bottom + flat) / 2,
    end,
    flat,
  ];
}

const hands: readonly (((random: RandomStream) => Stroke[]) | null)[] = [
  null,
  one,
  two,
  three,
  four,
  five,
  null,
  seven,
  null,
  nine,
];

/** The strokes of one digit 0 … 9, in one of its variants; 0, 6 and 8 are those of the built-in digits. */
export function writeEuropeanDigit(digit: number, random: RandomStream): Stroke[] {
  return hands[digit]?.(random) ?? writeDigit(digit, random);
}
