// A contest of small processes: in turn, one at a time, and a process that fails or is refused is out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contest, type Entry } from '../../bench/contest.js';

/** A contestant whose rounds give what the clock says before and after them. */
const program = `
  const { sleep, ready, fail } = JSON.parse(process.argv[1]);
  console.log('a library speaks');
  console.log(JSON.stringify({ ready }));
  let rounds = 0;
  require('readline').createInterface({ input: process.stdin }).on('line', () => {
    if (rounds++ === fail) throw new Error('broken');
    const began = Date.now();
    setTimeout(() => console.log(JSON.stringify({ began, ended: Date.now() })), sleep);
  });
`;
const entry = (contestant: string, task: object): Entry => ({
  contestant,
  threads: 1,
  command: [process.execPath, '-e', program],
  task: { sleep: 30, ready: true, ...task },
});
interface Round {
  readonly began: number;
  readonly ended: number;
}

test('rounds are counted without the first, and none works while another does', async () => {
  const log: string[] = [];
  const outcomes = await contest<object, Round>([entry('a', {}), entry('b', {})], {
    rounds: 3,
    refuse: () => undefined,
    log: (line) => log.push(line),
  });
  assert.equal(
    outcomes.map(({ entry: { contestant }, failure, rounds }) => [contestant, failure, rounds.length]),
    [
      ['a', undefined, 3],
      ['b', undefined, 3],
    ],
  );
  const turns = outcomes
    .flatMap(({ entry: { contestant }, rounds }) => rounds.map((round) => ({ contestant, ...round })))
    .sort((x, y) => x.began - y.began);
  assert.is(turns.map(({ contestant }) => contestant).join(''), 'abbaab');
  assert.ok(turns.every(({ began }, i) => i === 0 || began >= turns[i - 1]!.ended));
  assert.equal(log.slice(-3), ['round 1 of 3', 'round 2 of 3', 'round 3 of 3']);
});

test('there is time for five rounds of warm-up', async () => {
  for (const [needed, failure] of [
    [5, undefined],
    [6, 'not yet'],
  ] as const) {
    let rounds = 0;
    const [outcome] = await contest<object, Round>([entry('slow', { sleep: 1 })], {
      rounds: 2,
      refuse: () => (++rounds < needed ? 'not yet' : undefined),
      log: () => {},
    });
    assert.equal([outcome!.failure, outcome!.rounds.length], [failure, failure ? 0 : 2]);
  }
});

test('a contestant that breaks, is refused or cannot start is dropped with its reason, and the others continue', async () => {
  const missing: Entry = { contestant: 'missing', threads: 1, command: ['/no/such/program'], task: {} };
  const entries = [
    entry('early', { fail: 0 }),
    entry('late', { fail: 2 }),
    entry('refused', { ready: false }),
    missing,
    entry('good', {}),
  ];
  const refuse = ({ ready }: { ready: boolean }): string | undefined => (ready ? undefined : 'does not learn');
  const outcomes = await contest<{ ready: boolean }, Round>(entries, { rounds: 2, refuse, log: () => {} });
  const [early, late, refused, absent, good] = outcomes;
  assert.match(early!.failure!, 'broken');
  assert.match(late!.failure!, 'broken');
  assert.is(refused!.failure, 'does not learn');
  assert.match(absent!.failure!, 'ENOENT');
  assert.equal([good!.failure, good!.rounds.length, refused!.rounds.length], [undefined, 2, 0]);
});

test.run();
