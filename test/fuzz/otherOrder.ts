// A step as several threads could make it: each task in the form of one of them, and the tasks of a phase in another order.
import type { Program } from '../../src/compiler/program.js';
import { lowerModel } from '../../src/compiler/lower.js';
import { makePlan } from '../../src/compiler/plan.js';
import { Engine } from '../../src/engine/engine.js';
import { buildGraph, signatureOf } from '../../src/model/topology.js';
import type { Model } from '../../src/index.js';
import { Session } from '../../src/training/session.js';

class OtherOrder extends Engine {
  readonly #threads: number;

  constructor(plan: ConstructorParameters<typeof Engine>[0], threads: number) {
    super(plan);
    this.#threads = threads;
  }

  override run(_key: string, make: (thread: number) => Program): void {
    const forms = Array.from({ length: this.#threads }, (_, thread) => make(thread));
    const program = forms[0]!.map(({ name, tasks }, phase) => ({
      name,
      tasks: tasks.map((_, i) => forms[i % forms.length]![phase]!.tasks[i]!).reverse(),
    }));
    this.profile(program, () => {});
  }
}

/** Planned as the compiled model is, but for so many threads. */
export function sessionInOtherOrder(model: Model, threads: number): Session {
  const compiled = model.compiled!;
  const graph = buildGraph(model.topology, compiled.outputs);
  const { batchSize } = model.plan!;
  const plan = makePlan(graph, lowerModel(graph, true), { batchSize, slots: compiled.optimizer.slots, threads });
  const engine = new OtherOrder(plan, threads);
  for (const [i, { data }] of model.getWeights().entries()) engine.weights.set(data, model.parameters[i]!.offset);
  engine.repack();
  const session = new Session(engine, compiled, signatureOf(model.topology));
  session.seed = model.seed;
  return session;
}
