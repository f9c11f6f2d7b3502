// npm run bench:sweep: what a trial costs beside its training, by simulation: many workers in this process, no training, a real server.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, run, whole } from '../src/node/cli/command.js';
import { check } from '../src/base/errors.js';
import { formatCount, formatTable } from '../src/base/table.js';
import { connect } from '../src/node/sweep/connect.js';
import { SweepQueue } from '../src/node/sweep/queue.js';
import type { AddedSweep } from '../src/node/sweep/watched.js';
import { makePlan, nextTasks, taskId, type SweepDefinition, type Task, type TrialResult } from '../src/sweep/plan.js';
import { tableOf } from '../src/sweep/table.js';

interface BenchOptions {
  on: string;
  trials: number;
  workers: number;
  cut: number;
}

/** Trials that one connection has at a time: of a thousand connections from one process the process would be measured. */
const TOGETHER = 50;

const program = command(
  'bench:sweep',
  'Runs trials that train nothing on many workers, and says what each took of the server.',
)
  .requiredOption('--on <server>', "the server, as 'redis://host:6379' or 'postgres://user@host/database'")
  .option('--trials <n>', 'how many', whole(1), 10_000)
  .option('--workers <n>', 'how many at a time', whole(1), 1000)
  .option(
    '--cut <n>',
    `so many connections, of ${TOGETHER} workers each, are cut in the middle of a trial`,
    whole(0),
    2,
  );

/** What a trial would give, from its setting alone. */
const resultOf = ({ config, until }: Task): TrialResult => {
  const score = Number(config['x']);
  return { status: 'finished', scores: [score], score, epochs: until, weightsSha256: `${config['x']}` };
};

await run<BenchOptions>(program, async ({ on, trials, workers, cut }) => {
  const definition: SweepDefinition = {
    name: `bench-${process.pid}`,
    epochs: 1,
    space: { x: { int: [0, 2 ** 40] } },
    search: { kind: 'sobol', trials },
  };
  const added: AddedSweep = {
    definition,
    basis: { version: '0', dataSha256: '0', code: '0', numerics: 'exact' },
    source: null,
  };
  const plan = await makePlan(definition, added.basis);
  check(plan.trials.length === trials, `only ${plan.trials.length} settings differ; ask for fewer trials`);
  const expected = new Map(nextTasks(plan, new Map()).tasks.map((task) => [taskId(task), resultOf(task)]));
  const connection = await connect(on);
  const queue = new SweepQueue(connection, definition.name);
  const runs = new Map<string, number>();
  const deaths = new AbortController();
  setMaxListeners(0, deaths.signal);
  let left = cut;
  const began = performance.now();
  await queue.add(added);
  const work = async (): Promise<void> => {
    const own = await connect(on);
    const worker = new SweepQueue(own, definition.name);
    await worker.work({
      admit: () => {},
      signal: deaths.signal,
      concurrency: Math.min(TOGETHER, workers),
      async run(_, task) {
        runs.set(task.id, (runs.get(task.id) ?? 0) + 1);
        // This trial will be heard of no more, and its lock runs out.
        if (left > 0 && runs.get(task.id) === 1) {
          left--;
          await own.close();
          return new Promise<never>(() => {});
        }
        await sleep(1);
        return resultOf(task);
      },
    });
    await worker.close();
    await own.close();
  };
  const all = Array.from({ length: Math.ceil(workers / TOGETHER) }, () => work().catch(() => {}));
  for (;;) {
    await sleep(1000);
    const results = await queue.results();
    process.stderr.write(`\r${formatCount(results.size)} of ${formatCount(trials)}   `);
    if (results.size === trials) break;
  }
  const seconds = (performance.now() - began) / 1000;
  const results = await queue.results();
  const same = (await tableOf(plan, results)).sha256 === (await tableOf(plan, expected)).sha256;
  const twice = [...runs.values()].filter((times) => times > 1).length;
  process.stderr.write('\n');
  console.log(
    formatTable(
      ['trials', 'workers', 'connections cut', 'seconds', 'ms a trial', 'begun twice', 'lost', 'table'],
      [
        [
          formatCount(trials),
          formatCount(workers),
          String(cut - left),
          seconds.toFixed(1),
          ((1000 * seconds) / trials).toFixed(2),
          String(twice),
          String(trials - results.size),
          same ? 'as expected' : 'ANOTHER ONE',
        ],
      ],
    ),
  );
  deaths.abort();
  await Promise.race([Promise.all(all), sleep(5000)]);
  await queue.remove();
  process.exit(same ? 0 : 1);
});
