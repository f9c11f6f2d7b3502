// A model of layers that learns. Keras' words, as TF.js spells them.  https://keras.io/api/models/model/
// sequential.ts and functional.ts say how its layers are connected.
import type { ModelArchive } from '../formats/archive.js';
import type { ModelBytes } from '../formats/modelBytes.js';
import { writeModelFile } from '../formats/writeModelFile.js';
import type { LoadedWeights, LoadWeightsOptions } from './loadWeights.js';
import { pack, type SaveOptions } from './pack.js';
import { compiledOf, type CompileOptions } from './compile.js';
import { Engine, type EngineOptions, type Threads } from '../engine/engine.js';
import { check, isPrintable } from '../base/errors.js';
import type { EvaluateOptions } from '../training/evaluate.js';
import type { FitOptions, Resume } from '../training/fit.js';
import type { BatchOptions } from '../training/onBatch.js';
import type { FeedData } from '../training/openFeed.js';
import type { FitState, History } from '../training/fitState.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { InputScale } from '../training/inputScale.js';
import type { Inputs, Targets } from '../training/inputs.js';
import { isStream, type Batches, type Source } from '../training/source.js';
import { isSymbolic, type SymbolicTensor } from '../layers/layer.js';
import { lowerModel } from '../compiler/lower.js';
import type { Variable } from '../graph/variable.js';
import { unknown } from '../base/nearest.js';
import { checkArguments, checkBoolean, checkOptions, describe } from '../base/options.js';
import { makePlan, predictingShard, type Plan } from '../compiler/plan.js';
import { checkWhole, formatShape, sameShape, type Shape } from '../base/shape.js';
import { checkRate, scheduleConfig } from '../schedules/schedule.js';
import { formatSummary } from './summary.js';
import type { Tensor } from '../base/tensor.js';
import { ModelLayer } from './modelLayer.js';
import { ModelWeights } from './modelWeights.js';
import { variablesOf, type PlacedLayer } from './placedLayer.js';

import { applyTopology, buildGraph, signatureOf, type Topology } from './topology.js';
import type {
  Background,
  TrainingExecutor,
  ExecutorData,
  ExecutorSettings,
  TrainedModel,
} from '../training/executor.js';
import { checkedOutputs } from '../training/prediction.js';
import { Session, type Compiled, type Logs } from '../training/session.js';
import { checkWeights, splitWeights } from '../graph/weights.js';

/** Ends the sentence on a call with too much in it. */
const LAST = 'options come last';

/** Shards a thread in a batch of a model that only predicts: enough that none waits for long. */
const TASKS = 4;

/** What trains and evaluates, once it is loaded. Not awaited then: what is called sees the weights as they are. */
let training: typeof import('../training/later.js') | null = null;

const loadTraining = async (): Promise<NonNullable<typeof training>> =>
  (training = await import('../training/later.js'));

/**
 * What {@link sequential}, {@link model} and {@link loadModel} make: a network that is compiled, trained, tried and saved.
 *
 * @example
 * ```js
 * import { layers, Model, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const x = { data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), shape: [4, 2] };
 * const y = { data: Float32Array.of(0, 1, 1, 2), shape: [4, 1] };
 * const { history } = await model.fit(x, y, { epochs: 2, verbose: 0 });
 * const { loss } = await model.evaluate(x, y);
 * model instanceof Model; // true
 * ```
 */
export abstract class Model implements TrainedModel {
  /** Vue's ref() and reactive() leave the model as it is: their proxies would stand between it and its memory. @internal */
  readonly __v_skip = true;
  /** Background in which fit() of new models makes its steps; on a page wasm-cnn sets it. @internal */
  static usualBackground: Background | null = null;
  readonly name: string;
  readonly seed: number;
  private readonly ownSeed: boolean;
  /** Set it to true in a callback to end fit() after the current batch. */
  stopTraining = false;
  /** Progress of fit(), while it is under way, and after loadModel() of a checkpoint; save() keeps it. */
  fitState: (() => FitState) | null = null;
  /** Epochs that fits have begun since compile(): the next one has another order of the examples. save() keeps it. */
  epochsBegun = 0;
  /** What fit() resumes from; loadModel() sets it. @internal */
  resume: Resume | null = null;
  /** What fit() has seen of the inputs' scale; save() keeps it. @internal */
  readonly inputScale = new InputScale();
  /** Kernels in place of those built in; compile({ wasm }) and loadModel(bytes, { wasm }) set it. @internal */
  wasm: WebAssembly.Module | undefined;
  /** How predictions run before compile(); loadModel(bytes, { workers, numerics }) sets it. @internal */
  predictsWith: Pick<EngineOptions, 'workers' | 'numerics'> = {};
  /** Background in which fit() makes its steps, unless compile({ background }) says otherwise. @internal */
  background = Model.usualBackground;
  private compiledTo: Compiled | null = null;
  /** How compile() wants the engine to run. */
  private engineOptions: EngineOptions = {};
  /** How many threads fit() has in the background: those asked for, and once they were counted. */
  private remoteThreads: Threads = { asked: 1, running: 1, trouble: null };
  protected session: Session | null = null;
  /** What trains now: the weights are its own until it ends. */
  private trainedBy: 'fit' | 'trainOnBatch' | 'applyGradients' | null = null;
  protected readonly weights = new ModelWeights(() => {
    const { seed, ownSeed, placed, session, trainedBy } = this;
    return { seed, ownSeed, placed, session, fitting: trainedBy !== null };
  });

  protected constructor(name: unknown, seed: unknown, kind: string) {
    check(
      typeof name === 'string' && isPrintable(name),
      () => `${kind} needs its name as one line of at most 200 characters, got ${describe(name)}`,
    );
    this.name = name;
    this.ownSeed = seed !== undefined;
    this.seed = checkWhole(seed === undefined ? 0 : seed, 'seed', 0);
  }

  /** How the layers are connected. @internal */
  abstract get topology(): Topology;
  /** What it is made from and makes, for further models: see {@link SymbolicTensor}. */
  abstract get inputs(): readonly SymbolicTensor[];
  abstract get outputs(): readonly SymbolicTensor[];
  protected abstract readonly placed: readonly PlacedLayer[];
  /** Output of each layer's first call. */
  protected abstract outputOf(layer: number): SymbolicTensor;

  get layers(): readonly ModelLayer[] {
    const variables = variablesOf(this.placed);
    return this.placed.map((placed, i) => new ModelLayer(placed, variables[i]!, () => this.outputOf(i)));
  }

  /** All variables in layer order, kernel then bias. */
  get parameters(): readonly Variable[] {
    return variablesOf(this.placed).flat();
  }

  /** Shape of one example; of the first one where there are several inputs. */
  get inputShape(): Shape {
    return [...this.topology.inputs[0]!.shape];
  }

  get outputShape(): Shape {
    return signatureOf(this.topology).outputs[0]!.shape;
  }

  /** The layer of this name; its `output` may be an output of another model. */
  getLayer(name: string): ModelLayer {
    checkArguments(arguments, 1, 'getLayer', 'it takes the name of a layer');
    const { layers } = this;
    const found = layers.find((layer) => layer.name === name);
    check(found !== undefined, () => {
      const names = layers.map((layer) => layer.name);
      return `the model has no layer ${unknown(name, names)}; there is ${names.join(', ')}`;
    });
    return found;
  }

  /** Whether training changes the weights of any layer; setting it sets it for all of them. */
  get trainable(): boolean {
    return this.placed.some(({ layer }) => layer.trainable);
  }

  set trainable(trainable: boolean) {
    checkBoolean(trainable, "a model's trainable");
    for (const { layer } of this.placed) layer.trainable = trainable;
  }

  /**
   * Its outputs for other inputs, as part of another model, which has its layers as 'name.layer' and shares their weights; of several
   * outputs an array of them, apply<SymbolicTensor[]>(inputs).
   */
  apply<Outputs = SymbolicTensor>(inputs: SymbolicTensor | readonly SymbolicTensor[]): Outputs {
    const given = isSymbolic(inputs) ? [inputs] : inputs;
    const { topology } = this;
    check(
      Array.isArray(given) && given.every(isSymbolic) && given.length === topology.inputs.length,
      () =>
        `${this.name}.apply needs ${topology.inputs.length} of what input() or a layer's apply() returned, got ${describe(inputs)}`,
    );
    for (const [i, { name, shape }] of topology.inputs.entries())
      check(
        sameShape(given[i]!.shape, shape),
        () => `${this.name} needs ${name} ${formatShape(shape)}, got ${formatShape(given[i]!.shape)}`,
      );
    this.weights.nest();
    const outputs = applyTopology(topology, given, this.name);
    return (outputs.length === 1 ? outputs[0] : outputs) as Outputs;
  }

  /** The memory plan; null before compile() and before the first predict(). */
  get plan(): Plan | null {
    return this.session?.engine.plan ?? null;
  }

  /** How many threads there are: fewer than asked for where the host does not give them. fit() waits for them. */
  get threads(): Threads {
    return (this.background ? null : this.session?.engine.threads) ?? this.remoteThreads;
  }

  get compiled(): Compiled | null {
    return this.compiledTo;
  }

  /** Chooses optimizer, loss and metrics, checks that they fit, plans the memory and takes it. Starts the optimizer anew. */
  compile(options: CompileOptions): void {
    checkArguments(arguments, 1, 'compile', 'it has one object of options');
    this.checkFree('compile');
    const compiled = compiledOf(
      options,
      this.topology.outputs.map(({ name }) => name),
    );
    const { workers, background = this.background, wasm = this.wasm } = options;
    const { batchSize, numerics } = compiled;
    const run = { workers: background ? undefined : workers, numerics, wasm, later: background !== null };
    this.replaceSession(this.plannedSession(batchSize, compiled, run));
    this.compiledTo = compiled;
    this.epochsBegun = 0;
    this.engineOptions = run;
    this.background = background;
    this.remoteThreads = { asked: workers?.threads ?? 1, running: 1, trouble: null };
    this.wasm = wasm;
    this.fitState = null;
  }

  private checkFree(who: string): void {
    check(
      this.trainedBy === null,
      () =>
        `${who} cannot be called while ${this.trainedBy}() of the same model is under way; await ${this.trainedBy}() first${this.trainedBy === 'fit' ? ', or end it with stopTraining or its signal' : ''}`,
    );
  }

  /** What is set within a step would be lost with its end. @internal */
  checkBetweenSteps(who: string): void {
    check(
      (this.trainedBy === null || this.trainedBy === 'fit') && !this.session?.stepsRemotely,
      () =>
        `${who} cannot be called while a step of the same model is under way; await ${this.trainedBy}() first, or call it in a callback of fit()`,
    );
  }

  /** Plans, takes the memory, and copies the weights there. Nothing changes where it fails. A model that only predicts does so a shard at a time, or a few a thread. */
  private plannedSession(batchSize: number | null, compiled: Compiled | null, run: EngineOptions): Session {
    const graph = buildGraph(this.topology, compiled?.outputs ?? []);
    const threads = run.workers?.threads ?? 1;
    const lowered = lowerModel(graph, compiled !== null);
    const plan = makePlan(graph, lowered, {
      batchSize: batchSize ?? predictingShard(lowered.predicting) * (threads > 1 ? TASKS * threads : 1),
      slots: compiled?.optimizer.slots ?? null,
      scratch: compiled?.optimizer.scratch?.(graph.variables),
      threads,
    });
    this.inputScale.raw = plan.inputs[0]!.raw;
    const engine = new Engine(plan, { ...run, moreKernels: compiled?.optimizer.moreKernels });
    engine.weights.set(this.weights.all());
    compiled?.optimizer.begin?.(engine.slots, engine.weights);
    engine.repack();
    return new Session(engine, compiled, signatureOf(this.topology));
  }

  /** Another engine for batches of this size, with the optimizer where it is. */
  private replannedSession(batchSize: number, run: EngineOptions): Session {
    const { step, engine, compiled, learningRate } = this.session!;
    const session = this.plannedSession(batchSize, compiled, run);
    Object.assign(session, { step, learningRate });
    for (const [i, slot] of session.engine.slots.entries()) slot.set(engine.slots[i]!);
    return session;
  }

  /** An evaluation that still runs on the one before ends there, on the calling thread. */
  private replaceSession(session: Session): void {
    this.session?.engine.end();
    this.session = session;
  }

  /** For fit(): the session that trains, planned for this batch size (default: as it is). @internal */
  training(batchSize?: number): Session {
    check(
      this.compiledTo !== null && this.session !== null,
      'the model is not compiled; call compile({ optimizer, loss, metrics }) first',
    );
    this.session.engine.checkAlive();
    const planned = this.session.engine.plan.variables;
    if (batchSize !== undefined && batchSize !== this.session.batchSize) {
      this.replaceSession(this.replannedSession(checkWhole(batchSize, 'batchSize'), this.engineOptions));
    } else if (
      this.trainedBy === null &&
      this.parameters.some(({ trainable }, i) => trainable !== planned[i]!.trainable)
    ) {
      this.replaceSession(this.replannedSession(this.session.batchSize, this.engineOptions));
    }
    if (this.trainedBy === null) this.weights.update();
    return this.session;
  }

  /** For fit(): executes its steps on these data in the background; null where compile() chose the calling thread. @internal */
  async openExecutor(data: ExecutorData, settings: ExecutorSettings): Promise<TrainingExecutor | null> {
    if (!this.background) return null;
    const executor = await this.background.open(this, data, settings, this.remoteThreads.asked);
    this.remoteThreads = executor.threads;
    return executor;
  }

  /** For gradients() and profile(): a copy of what trains, on the calling thread alone, for at least so many examples: what it does is not seen in the model. @internal */
  trainingCopy(count: number): Session {
    const { numerics, wasm } = this.engineOptions;
    return this.replannedSession(Math.max(count, this.session!.batchSize), { numerics, wasm });
  }

  /** Trains. x [n, …inputShape], bytes (pixels, taken as value / 255) or f32; y: class indices or one-hot rows. Neither may change until it ends. */
  fit(x: Inputs, y: Targets, options?: FitOptions): Promise<History>;
  /** Trains on a source, for sets larger than memory, or on a generator of batches [x, y] or [x, y, sampleWeight]. */
  fit(data: Source | Batches, options?: FitOptions): Promise<History>;
  async fit(x: Inputs | Source | Batches, ...rest: readonly unknown[]): Promise<History> {
    const [data, options] = dataAndOptions<FitOptions>('fit', x, rest);
    this.checkFree('fit');
    this.weights.claim('fit');
    // With what was made trainable, or not, since.
    if (this.compiledTo) this.training();
    this.trainedBy = 'fit';
    try {
      const { fit } = training ?? (await loadTraining());
      return await fit(this, data, options, this.resume);
    } finally {
      this.trainedBy = null;
    }
  }

  private async oneStep<Result>(
    who: 'trainOnBatch' | 'applyGradients',
    make: (loaded: NonNullable<typeof training>) => Promise<Result>,
  ): Promise<Result> {
    this.checkFree(who);
    this.weights.claim(who);
    if (this.compiledTo) this.training();
    this.trainedBy = who;
    try {
      return await make(training ?? (await loadTraining()));
    } finally {
      this.trainedBy = null;
    }
  }

  /** One optimizer step on one batch; returns the batch's loss and metrics from before the step. Weights are those of fit(). The batch may not change until it resolves. */
  async trainOnBatch(x: Inputs, y: Targets, options: BatchOptions = {}): Promise<Logs> {
    checkArguments(arguments, 3, 'trainOnBatch', LAST);
    return this.oneStep('trainOnBatch', (loaded) => loaded.trainOnBatch(this, x, y, options));
  }

  /** One optimizer step with gradients as gradients() returns them, for a training loop of your own; statistics stay as they are. */
  async applyGradients(gradients: readonly Tensor[]): Promise<void> {
    checkArguments(arguments, 1, 'applyGradients', 'it takes what gradients() returned');
    return this.oneStep('applyGradients', (loaded) => loaded.applyGradients(this, gradients));
  }

  /**
   * Gradients of the mean loss over one batch, a tensor for each weight in the order of getWeights(), as in a step of training; nothing is
   * learned. The batch may not change until it resolves. Statistics (batchNormalization's moving mean and variance) have no gradient and are left out; of a weight that is not
   * trained it is 0. Weights of examples and classes are those of fit().
   */
  async gradients(x: Inputs, y: Targets, options: BatchOptions = {}): Promise<Tensor<Float32Array>[]> {
    checkArguments(arguments, 3, 'gradients', LAST);
    return (training ?? (await loadTraining())).gradients(this, x, y, options);
  }

  /** Mean loss and metrics over all examples, with `sampleWeight` a loss of weighted ones; nothing is learned and dropout is off. The examples may not change until it resolves. */
  evaluate(x: Inputs, y: Targets, options?: EvaluateOptions): Promise<Logs>;
  evaluate(data: Source | Batches, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: Inputs | Source | Batches, ...rest: readonly unknown[]): Promise<Logs> {
    const [data, options] = dataAndOptions<EvaluateOptions>('evaluate', x, rest);
    const session = this.training();
    const { evaluate } = training ?? (await loadTraining());
    return evaluate(session, data, options, (xs) => this.inputScale.compare(xs, "evaluate's x"));
  }

  /** Outputs [n, …outputShape], for any n; of a model of several outputs an array of them, predict<Tensor[]>(x). x may not change until it resolves. */
  async predict<Outputs = Tensor<Float32Array>>(x: Inputs): Promise<Outputs> {
    checkArguments(arguments, 1, 'predict', 'any size of batches gives the same bits');
    this.session ??= this.plannedSession(null, null, { ...this.predictsWith, wasm: this.wasm });
    this.weights.update();
    const { session } = this;
    const { xs, count } = session.checkInputs(x, 'predict');
    this.inputScale.compare(xs, "predict's x");
    const outputs = await session.predict(xs, count);
    return checkedOutputs(outputs, count) as Outputs;
  }

  /** evaluate() by the name that Keras has for one batch. */
  async testOnBatch(x: Inputs, y: Targets, options: EvaluateOptions = {}): Promise<Logs> {
    checkArguments(arguments, 3, 'testOnBatch', LAST);
    return this.evaluate(x, y, options);
  }

  /** predict() by the name that Keras has for one batch. */
  async predictOnBatch<Outputs = Tensor<Float32Array>>(x: Inputs): Promise<Outputs> {
    checkArguments(arguments, 1, 'predictOnBatch', 'it has no options');
    return this.predict<Outputs>(x);
  }

  countParams(): number {
    return this.parameters.reduce((sum, { size }) => sum + size, 0);
  }

  /** Copies of all weights in layer order, kernel then bias. */
  getWeights(): Tensor<Float32Array>[] {
    return splitWeights(this.weights.all(), this.parameters);
  }

  /** Sets weights of exactly the shapes that getWeights() returns; all of them or none. */
  setWeights(weights: readonly Tensor[]): void {
    checkWeights(weights, this.parameters, 'setWeights');
    this.checkBetweenSteps('setWeights');
    this.weights.claim('setWeights');
    check(
      !this.session?.lock.reading,
      'setWeights cannot be called while predict() or evaluate() of the same model is under way; await it first, or use setWeightsInTurn()',
    );
    this.weights.set(weights);
  }

  /** The same after predict() and evaluate() that are under way: for callbacks of fit(), beside which anything may predict. */
  async setWeightsInTurn(weights: readonly Tensor[]): Promise<void> {
    const who = 'setWeightsInTurn';
    checkWeights(weights, this.parameters, who);
    const set = (): void => {
      this.checkBetweenSteps(who);
      this.weights.claim(who);
      this.weights.set(weights);
    };
    await (this.session ? this.session.lock.write(set) : set());
  }

  /**
   * Weights of a file of save(), of a file of weights or of an archive, by their order or by the names of the layers; all that fits, or nothing
   * where something does not and `skipMismatch` is not given. Resolves to what did not get any.
   */
  async loadWeights(
    given: ModelBytes | Pick<ModelArchive, 'model' | 'tensors'>,
    options?: LoadWeightsOptions,
  ): Promise<LoadedWeights> {
    checkArguments(arguments, 2, 'loadWeights', 'it takes the file and one object of options');
    const { loadWeights } = await import('./loadWeights.js');
    return loadWeights(this, given, options);
  }

  /** Steps that the optimizer has made since compile(). */
  get step(): number {
    return this.session?.step ?? 0;
  }

  /** Learning rate of the next step, as in Keras the optimizer's; a callback may set it, but not where it comes from a schedule. */
  get learningRate(): number {
    return this.training().rateOf(this.step + 1);
  }

  set learningRate(rate: number) {
    const { optimizer } = this.training().compiled!;
    checkRate(rate, 'the learning rate');
    check(
      typeof scheduleConfig(optimizer.schedule) === 'number',
      `the learning rate cannot be set, as it comes from a schedule; give ${optimizer.className} a number`,
    );
    this.session!.learningRate = rate;
  }

  /** Learning rate of step t, from 1, of a compiled model. @internal */
  rateOf(t: number): number {
    return this.session!.rateOf(t);
  }

  /** What the optimizer keeps beside each weight, by its name ('m', 'v'), in copies. Empty before compile(). */
  get optimizerSlots(): ReadonlyMap<string, Float32Array> {
    return new Map(this.compiledTo?.optimizer.slots.map((name, i) => [name, this.session!.engine.slots[i]!.slice()]));
  }

  /** The model as plain data, with the optimizer's state: what files hold, and what goes to the training thread. @internal */
  pack(): ModelArchive {
    return pack(this);
  }

  /** The model as the bytes of a .safetensors file, which loadModel() reads. */
  save(options: SaveOptions = {}): OwnBytes {
    check(
      typeof options !== 'string',
      () =>
        `save() takes no address, got ${describe(options)}; it gives bytes, which saveModelFile(model, path) of wasm-cnn/node writes`,
    );
    checkArguments(arguments, 1, 'save', 'it has one object of options');
    checkOptions(options, ['includeOptimizer', 'facts'], 'save');
    if (options.includeOptimizer !== undefined) checkBoolean(options.includeOptimizer, "save's includeOptimizer");
    return writeModelFile(pack(this, options));
  }

  /** Prints layers, shapes, parameters and the bytes of the plan. */
  summary(print: (text: string) => void = console.log): void {
    check(
      typeof print === 'function',
      () => `summary needs a function that prints, got ${describe(print)}; leave it out for console.log`,
    );
    print(formatSummary(this.name, this.topology, this.layers, this.plan));
  }
}

/** What fit and evaluate are given: x, y and options, or a stream and options. */
function dataAndOptions<Options extends object>(
  who: string,
  x: Inputs | Source | Batches,
  rest: readonly unknown[],
): [FeedData, Options] {
  const own = isStream(x);
  checkArguments([x, ...rest], own ? 2 : 3, who, LAST);
  const [y, options = {}] = (own ? [undefined, ...rest] : rest) as [Targets, Options?];
  return [own ? x : [x, y], options as Options];
}
