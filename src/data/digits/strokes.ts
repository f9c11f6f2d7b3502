// How people write the ten digits: for each digit its strokes, drawn anew each time from the variants that hands have.
import type { RandomStream } from '../../base/random.js';
import { arc, bell, chance, type Stroke } from './curves.js';

// Every number was set by eye, beside MNIST's training images and beside those of them that a network taught by these digits misread.
// r.between and bell(r, mean, deviation) are in units of a digit's height.

function zero(r: RandomStream): Stroke[] {
  const width = Math.max(0.12, bell(r, 0.43, 0.1)),
    clockwise = chance(r, 0.15) ? 1 : -1;
  const turns = bell(r, 1.02, 0.07),
    from = bell(r, 0.77, 0.11),
    grow = bell(r, -0.05, 0.14);
  const stroke = arc(0.5, 0.5, width, 0.5, from, clockwise * turns, 8, grow);
  const endX = stroke.at(-2)!,
    endY = stroke.at(-1)!,
    end = r.uniform();
  if (end < 0.12)
    stroke.push(0.5 + r.between(-0.3, 0.3), r.between(0.05, 0.45)); // the end runs into the inside
  else if (end < 0.18) stroke.push(endX + r.between(-0.3, 0.3), endY - r.between(-0.05, 0.15)); // or runs out
  if (chance(r, 0.2)) stroke.unshift(0.5 + r.between(-0.1, 0.45), r.between(-0.15, 0.12)); // the pen arrives from outside
  return [stroke];
}

function one(r: RandomStream): Stroke[] {
  const bend = bell(r, 0, 0.025),
    slant = bell(r, 0.05, 0.1);
  const stem: Stroke = [0.5 + slant, 0, 0.5 + bend, 0.33, 0.5 + bend, 0.67, 0.5 - slant, 1];
  const strokes = [stem];
  const flag = chance(r, 0.14);
  if (flag) {
    const reach = r.between(0.08, 0.36);
    stem.unshift(0.5 + slant - reach, r.between(0.1, 0.28), 0.5 + slant, 0);
  }
  if (chance(r, flag ? 0.65 : 0.005))
    strokes.push([r.between(0.05, 0.35) - slant, 1, r.between(0.65, 0.95) - slant, 1]);
  return strokes;
}

function two(r: RandomStream): Stroke[] {
  const startX = bell(r, 0.12, 0.1),
    startY = bell(r, 0.22, 0.09);
  const wide = Math.max(0.25, bell(r, 0.7, 0.15)); // the arch's width
  const top = startX + wide * bell(r, 0.47, 0.08),
    right = startX + wide;
  const footX = startX + bell(r, 0, 0.12),
    footY = bell(r, 0.93, 0.04);
  const stroke: Stroke = [startX, startY, top - wide * 0.15, 0.03, top + wide * 0.15, 0, right, bell(r, 0.26, 0.07)];
  const start = r.uniform();
  if (start < 0.15)
    stroke.unshift(startX + r.between(0.05, 0.2), startY + r.between(0.05, 0.2)); // a curl
  else if (start < 0.25) stroke.splice(0, 4); // no hook at all
  const endX = footX + Math.max(0.35, bell(r, 0.82, 0.18));
  if (chance(r, 0.55)) {
    // a loop at the foot
    const loop = r.between(0.15, 0.8),
      high = r.between(0.15, 0.48),
      cross = footX + loop;
    const tailX = Math.max(endX, cross + r.between(0.08, 0.35)),
      tailY = bell(r, 0.95, 0.13);
    stroke.push(
      right * 0.5 + cross * 0.5 + bell(r, 0.02, 0.04),
      bell(r, 0.52, 0.05),
      cross * 0.97,
      bell(r, 0.82, 0.05),
      footX + loop * 0.45,
      1,
      footX,
      1 - high * 0.45,
      footX + loop * 0.45,
      1 - high,
      cross,
      1 - high * 0.65,
      (cross + tailX) / 2,
      (1 - high * 0.3 + tailY) / 2,
      tailX,
      tailY,
    );
    if (chance(r, 0.35)) stroke.push(tailX + 0.12, tailY - r.between(0, 0.15));
  } else {
    stroke.push((right + footX) / 2 + bell(r, 0.08, 0.05), bell(r, 0.62, 0.06), footX, footY);
    if (chance(r, 0.6)) stroke.push(footX, footY);
    stroke.push((footX + endX) / 2, footY + bell(r, 0, 0.06), endX, bell(r, 0.92, 0.1));
  }
  return [stroke];
}

function three(r: RandomStream): Stroke[] {
  const startX = bell(r, 0.13, 0.08),
    startY = bell(r, 0.14, 0.06),
    middleY = bell(r, 0.46, 0.06);
  const upper = Math.max(0.25, bell(r, 0.6, 0.13)),
    lower = Math.max(0.3, bell(r, 0.72, 0.12)); // the bows' widths
  const middleX = startX + upper * bell(r, 0.45, 0.14),
    lowerX = startX + bell(r, 0, 0.06);
  let stroke: Stroke;
  if (chance(r, 0.12)) {
    // flat top
    const cornerX = startX + upper * 1.1,
      cornerY = bell(r, 0, 0.03);
    stroke = [startX, bell(r, 0.03, 0.04), cornerX, cornerY, cornerX, cornerY, middleX, middleY];
  } else {
    stroke = [
      startX,
      startY,
      startX + upper * bell(r, 0.5, 0.08),
      0,
      startX + upper,
      bell(r, 0.2, 0.05),
      (startX + upper + middleX) / 2,
      middleY - 0.05,
      middleX,
      middleY,
    ];
    if (chance(r, 0.15)) stroke.unshift(startX + r.between(0, 0.15), startY + r.between(0.05, 0.18)); // a curl at the start
  }
  const join = r.uniform();
  if (join < 0.55) stroke.push(middleX, middleY);
  else if (join < 0.75)
    stroke.push(middleX - bell(r, 0.08, 0.03), middleY + 0.03, middleX, middleY + bell(r, 0.05, 0.02)); // a small loop
  stroke.push(
    (middleX + lowerX + lower) / 2,
    middleY + bell(r, 0.05, 0.03),
    lowerX + lower,
    bell(r, 0.71, 0.05),
    lowerX + lower * bell(r, 0.5, 0.09),
    1,
  );
  const endX = lowerX + bell(r, -0.05, 0.1),
    endY = bell(r, 0.88, 0.06);
  if (chance(r, 0.9)) stroke.push(endX, endY);
  if (chance(r, 0.15)) stroke.push(endX + r.between(-0.02, 0.15), endY - r.between(0.05, 0.2));
  return [stroke];
}

function four(r: RandomStream): Stroke[] {
  const barY = bell(r, 0.55, 0.08),
    stemX = bell(r, 0.74, 0.07),
    barEnd = stemX + Math.max(0, bell(r, 0.2, 0.12));
  const stemTop = bell(r, 0.05, 0.07),
    foot = stemX + bell(r, -0.1, 0.07);
  const kind = r.uniform();
  if (kind < 0.12) {
    // closed: the left stroke starts where the stem does
    const left = bell(r, 0.05, 0.05);
    return [
      [stemX, 0, left, barY, left, barY, barEnd, barY],
      [stemX, 0, foot, 1],
    ];
  }
  const topX = bell(r, 0.28, 0.1),
    left = bell(r, 0.1, 0.07);
  if (kind < 0.19) {
    // in one go: down, across, up and down the stem
    return [
      [
        topX,
        0,
        left,
        barY * 0.75,
        left + 0.12,
        barY,
        stemX - 0.1,
        barY - 0.08,
        stemX,
        stemTop,
        stemX,
        stemTop,
        foot,
        1,
      ],
    ];
  }
  const leftStroke: Stroke = chance(r, 0.65)
    ? [
        topX,
        0,
        (topX + left) / 2,
        barY * 0.6,
        left,
        barY,
        left,
        barY,
        (left + barEnd) / 2,
        barY + bell(r, 0, 0.03),
        barEnd,
        barY + bell(r, -0.03, 0.05),
      ]
    : [topX, 0, left, barY * 0.7, left + 0.15, barY, stemX, barY - 0.03, barEnd, barY - 0.06];
  return [leftStroke, [stemX, stemTop, (stemX + foot) / 2 + bell(r, 0, 0.02), 0.5, foot, 1]];
}

function five(r: RandomStream): Stroke[] {
  const neckX = bell(r, 0.22, 0.06),
    neckY = bell(r, 0.43, 0.09),
    topX = neckX + bell(r, 0.08, 0.08);
  const barEnd = topX + Math.max(0.2, bell(r, 0.6, 0.18)),
    barY = bell(r, -0.02, 0.07);
  const wide = Math.max(0.4, bell(r, 1, 0.24)); // the bowl's width
  const endX = neckX + bell(r, -0.15, 0.1),
    endY = bell(r, 0.9, 0.06);
  const bowl: Stroke = [
    neckX + wide * bell(r, 0.34, 0.06),
    neckY + bell(r, -0.02, 0.05),
    neckX + wide * bell(r, 0.64, 0.05),
    bell(r, 0.67, 0.05),
    neckX + wide * bell(r, 0.28, 0.08),
    1,
    endX,
    endY,
  ];
  if (chance(r, 0.25)) bowl.push(endX + r.between(-0.05, 0.15), endY - r.between(0.08, 0.36)); // the bowl nearly closes
  const kind = r.uniform();
  if (kind < 0.26) {
    // in one go, like an S
    return [[barEnd, barY, topX + 0.15, 0.02, neckX, neckY * 0.6, neckX + 0.1, neckY, ...bowl]];
  }
  const body: Stroke = [topX, 0.03, neckX, neckY];
  if (chance(r, 0.7)) body.push(neckX, neckY);
  body.push(...bowl);
  if (kind < 0.5) return [[barEnd, barY, topX, 0.03, ...body]];
  const gapX = bell(r, 0.03, 0.07),
    gapY = bell(r, 0, 0.05); // the bar last, and often not quite where the body starts
  return [body, [topX + gapX, 0.03 + gapY, (topX + barEnd) / 2, barY + bell(r, 0.01, 0.03), barEnd, barY]];
}

function six(r: RandomStream): Stroke[] {
  const left = bell(r, 0.12, 0.05),
    startX = chance(r, 0.2) ? left + bell(r, 0.05, 0.09) : bell(r, 0.53, 0.13);
  const bow = bell(r, 0.05, 0.06);
  const wide = Math.max(0.08, bell(r, 0.32, 0.08)),
    high = Math.min(0.31, Math.max(0.1, bell(r, 0.24, 0.05)));
  const stem: Stroke = [startX, 0, (startX + left) / 2 - bow, bell(r, 0.28, 0.05)];
  if (chance(r, 0.15)) stem.unshift(startX + r.between(0.08, 0.22), r.between(0.02, 0.15)); // a hook
  if (chance(r, 0.42)) {
    // the loop is a curl at the lower right, away from the stem
    const shift = r.between(0.05, 0.42);
    stem.push(left, 0.6, left + 0.06, bell(r, 0.85, 0.03));
    const curl = arc(
      left + wide * 0.8 + shift,
      1 - high,
      wide * 0.8,
      high,
      0.3,
      -bell(r, 0.9, 0.14),
      7,
      bell(r, -0.05, 0.12),
    );
    return [[...stem, ...curl]];
  }
  return [[...stem, ...arc(left + wide, 1 - high, wide, high, 0.52, -bell(r, 0.97, 0.12), 8, bell(r, -0.08, 0.12))]];
}

function seven(r: RandomStream): Stroke[] {
  const cornerX = bell(r, 0.81, 0.08),
    cornerY = bell(r, 0.03, 0.06),
    footX = bell(r, 0.4, 0.15),
    leftY = bell(r, 0.07, 0.06);
  const stroke: Stroke = [0.08, leftY, 0.45, (leftY + cornerY) / 2 + bell(r, 0, 0.04), cornerX, cornerY];
  if (chance(r, 0.25))
    stroke.splice(4, 2, cornerX - 0.15, cornerY, cornerX, cornerY + r.between(0.08, 0.2)); // a round corner
  else if (chance(r, 0.7)) stroke.push(cornerX, cornerY);
  stroke.push((cornerX + footX) / 2 + bell(r, 0, 0.05), bell(r, 0.48, 0.06), footX, 1);
  if (chance(r, 0.38)) stroke.unshift(bell(r, 0.05, 0.06), leftY + r.between(0.06, 0.36), 0.08, leftY); // a serif
  if (!chance(r, 0.22)) return [stroke];
  const barY = bell(r, 0.52, 0.08),
    barX = cornerX + (footX - cornerX) * barY; // the bar across the stem
  return [
    stroke,
    [barX - r.between(0.12, 0.42), barY + bell(r, 0, 0.04), barX + r.between(0.12, 0.42), barY + bell(r, -0.02, 0.05)],
  ];
}

function eight(r: RandomStream): Stroke[] {
  const waist = bell(r, 0.5, 0.08),
    upper = Math.max(0.08, bell(r, 0.28, 0.08)),
    lower = Math.max(0.07, bell(r, 0.26, 0.08));
  const upperX = bell(r, 0.53, 0.04),
    lowerX = bell(r, 0.47, 0.04);
  if (chance(r, 0.06)) {
    // two rings
    return [
      arc(upperX, waist / 2, upper, waist / 2, bell(r, 0.2, 0.1), -bell(r, 1.02, 0.04), 8),
      arc(lowerX, (waist + 1) / 2, lower, (1 - waist) / 2, bell(r, 0.75, 0.1), bell(r, 1.02, 0.04), 8),
    ];
  }
  // Eight points, from the upper right against the clock; the pen passes the waist twice.
  const ring: Stroke = [
    upperX + upper * 0.85,
    waist * 0.3,
    upperX,
    0,
    upperX - upper,
    waist / 2,
    0.5,
    waist,
    lowerX + lower,
    (1 + waist) / 2,
    lowerX,
    1,
    lowerX - lower,
    (1 + waist) / 2,
    0.5,
    waist,
  ];
  if (chance(r, 0.15)) {
    // open above: from the top left round to the top right
    const open: Stroke = [upperX + upper * r.between(-0.9, 0.4), bell(r, 0.04, 0.05), ...ring.slice(4)];
    open.push(upperX + upper * bell(r, 1, 0.3), bell(r, 0.02, 0.08));
    return [open];
  }
  const start = chance(r, 0.55) ? 0 : chance(r, 0.5) ? 2 : 2 * r.below(8);
  const stroke = [...ring.slice(start), ...ring.slice(0, start)];
  const gap = bell(r, 0, 0.1),
    gapY = bell(r, 0.02, 0.1); // the ends need not meet, and may cross
  if (chance(r, 0.15)) stroke.push((stroke[0]! + stroke[14]!) / 2 + gap, (stroke[1]! + stroke[15]!) / 2 + gapY);
  else stroke.push(stroke[0]! + gap, stroke[1]! + gapY);
  if (start === 0 && chance(r, 0.3)) stroke.push(stroke[0]! + bell(r, 0.05, 0.1), bell(r, -0.02, 0.06));
  if (start === 0 && chance(r, 0.25)) stroke.unshift(stroke[0]! + bell(r, 0.08, 0.08), waist * bell(r, 0.3, 0.15));
  if (chance(r, 0.12)) {
    // written the other way round
    for (let i = 0; i < stroke.length; i += 2) stroke[i] = 1 - stroke[i]!;
  }
  return [stroke];
}

function nine(r: RandomStream): Stroke[] {
  const high = Math.max(0.1, bell(r, 0.23, 0.06)),
    wide = Math.max(0.08, bell(r, 0.29, 0.08)),
    left = bell(r, 0.1, 0.05);
  const right = left + 2 * wide + bell(r, 0.02, 0.03);
  const loop = chance(r, 0.6)
    ? arc(left + wide, high, wide, high, bell(r, 0.88, 0.06), -bell(r, 0.87, 0.13), 8, bell(r, 0, 0.08))
    : [
        // more pointed, and not always closed
        right - bell(r, 0.1, 0.07),
        bell(r, 0.06, 0.05),
        left + wide,
        0,
        left,
        high * bell(r, 1.1, 0.15),
        left + wide * bell(r, 0.9, 0.2),
        high * 2,
        right - bell(r, 0.07, 0.04),
        high * bell(r, 1.2, 0.15),
      ];
  const footX = right + bell(r, -0.14, 0.12),
    joinY = chance(r, 0.45) ? bell(r, 0.02, 0.06) : bell(r, 0.17, 0.07);
  const stem: Stroke = [right, joinY];
  if (chance(r, 0.65)) stem.push(right, joinY);
  stem.push((right + footX) / 2 + bell(r, 0.03, 0.03), 0.55, footX, 1);
  if (chance(r, 0.3)) stem.push(footX - r.between(0.1, 0.45), r.between(0.75, 1.02)); // the tail curls
  return [[...loop, ...stem]];
}

const hands = [zero, one, two, three, four, five, six, seven, eight, nine];

/** The strokes of one digit 0 … 9, in one of its variants. */
export function writeDigit(digit: number, random: RandomStream): Stroke[] {
  return hands[digit]!(random);
}
