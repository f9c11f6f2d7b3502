// The loops of a wide build: what is made of a marked loop, and what is refused.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const { withPairs } = (await import(new URL('../../../assembly/pairs.js', import.meta.url).href)) as {
  withPairs(source: string, wide: boolean): string;
};

const flat = (source: string): string => source.replace(/\s+/g, ' ').trim();

test('a loop of pairs precedes the loop, which handles the rest', () => {
  const body = `{
    const a = v128.load(x), b = f32x4.add(a, v128.load(y, 32)), next = x + row;
    let sum = a;
    if (next) sum = f32x4.mul(sum, b);
    v128.store(y, sum, 32);
    add(next, b);
    x += 16; y += 16;
  }`;
  assert.is(
    flat(withPairs(`\n  //@pairs\n  while (x < end) ${body}`, true)),
    flat(`//@pairs
    { ; for (; x + 16 < end; ) {
      const a = v128.load(x), a$ = v128.load(x, 0 + 16), b = f32x4.add(a, v128.load(y, 32)), b$ = f32x4.add(a$, v128.load(y, 32 + 16)), next = x + row;
      let sum = a, sum$ = a$;
      if (next) { sum = f32x4.mul(sum, b); sum$ = f32x4.mul(sum$, b$); }
      { const low$ = sum, high$ = sum$; v128.store(y, low$, 32); v128.store(y, high$, 32 + 16); }
      { const low$ = f32x4.add(v128.load(next), b), high$ = f32x4.add(v128.load(next, 0 + 16), b$); v128.store(next, low$, 0); v128.store(next, high$, 0 + 16); }
      x += 32; y += 32;
    } for (;x < end;) ${body} }`),
  );
});

test('a loop over channels: what it begins with comes first, steps double, inner loops keep theirs', () => {
  const source = `
    //@pairs
    for (let c = 0; c + 4 <= channels; c += 4) {
      for (let at = x; at < last; at += 16) v128.store(at, v128.load(w));
      w += 16;
    }`;
  assert.match(
    flat(withPairs(source, true)),
    '{ let c = 0; for (; c + 8 <= channels; c += 8) { for (let at = x; at < last; at += 16) { { const low$ = v128.load(w), high$ = v128.load(w, 0 + 16);',
  );
});

test('a loop over lanes has pairs where they are 4', () => {
  const body = `{
    const a = loadLanes(lanes, x + c);
    storeLanes(lanes, y + c, f32x4.mul(a, loadLanes(lanes, w + c)));
  }`;
  assert.is(
    flat(withPairs(`\n  //@pairs\n  for (; c + lanes <= channels; c += lanes) ${body}`, true)),
    flat(`//@pairs
    { ; if (lanes == 4) for (; c + 8 <= channels; c += 8) {
      const a = v128.load(x + c), a$ = v128.load(x + c, 0 + 16);
      { const low$ = f32x4.mul(a, v128.load(w + c)), high$ = f32x4.mul(a$, v128.load(w + c, 0 + 16)); v128.store(y + c, low$, 0); v128.store(y + c, high$, 0 + 16); }
    } for (; c + lanes <= channels; c += lanes) ${body} }`),
  );
});

test('both halves of a statement after else stay after it', () => {
  const source = `
    //@pairs
    while (x < end) {
      let a = v128.load(x), b = a;
      if (k == 3) a = b;
      else if (k == 5) { b = a; }
      else b = v128.load(y);
      x += 16;
    }`;
  assert.match(
    flat(withPairs(source, true)),
    'if (k == 3) { a = b; a$ = b$; } else if (k == 5) { { b = a; b$ = a$; } } else { b = v128.load(y); b$ = v128.load(y, 0 + 16); } x += 32;',
  );
});

test('only loops marked `always` are made of pairs in a build that is not wide', () => {
  const loop = 'while (x < end) { v128.store(x, a); x += 16; }';
  const [plain, always] = [`\n  //@pairs\n  ${loop}\n`, `\n  //@pairs always\n  ${loop}\n`];
  assert.is(withPairs(plain + always, false), plain + withPairs(always, true));
  assert.match(withPairs(always, true), 'x + 16 < end');
});

test('what cannot be made of pairs is refused', () => {
  const refused = (loop: string, message: string): void =>
    assert.throws(
      () => withPairs(`\n  //@pairs\n  ${loop}`, true),
      (error: Error) => error.message.startsWith(message),
    );
  refused('const a = f(1);', '//@pairs needs a loop, got:');
  refused(
    'while (x <= end) { x += 16; }',
    '//@pairs needs a loop while "at < end" or "c + 4 <= channels", got: x <= end',
  );
  refused(
    'while (x < end) { addDoubles(x, v128.load(x)); x += 16; }',
    '//@pairs cannot make two of: addDoubles(x, v128.load(x))',
  );
});

test('every mark is that of a loop, and nothing else of a source changes', () => {
  const folder = new URL('../../../assembly/', import.meta.url);
  let marks = 0;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(new URL(name, folder), 'utf8');
    const count = (source.match(/\/\/@pairs(?: always)?\n/g) ?? []).length;
    marks += count;
    assert.is(withPairs(source, true) === source, count === 0, name);
    assert.is(source.split('@pairs').length - 1, count, `${name}: a mark that is not on a line of its own`);
  }
  assert.ok(marks > 40, `${marks}`);
});

test.run();
