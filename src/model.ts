// Sequential: a stack of layers that learns. Keras' words, as TF.js spells them.  https://keras.io/api/models/sequential/
import { saveModel, type SaveOptions } from './checkpoint/save.js';
import { compiledOf, type CompileOptions } from './compile.js';
import { inOrder } from './data/batches.js';
import { Engine, type EngineOptions, type Threads } from './engine/engine.js';
import { check } from './errors.js';
import { fit, type FitOptions } from './fit.js';
import type { FitState, History } from './fitState.js';
import type { Labels } from './labels.js';
import { checkLayer, type Layer } from './layers/layer.js';
import { lower } from './lower.js';
import type { Parameter, Primitive } from './ops/op.js';
import { checkOptions, describe } from './options.js';
import { makePlan, type Plan } from './plan.js';
import { checkWhole, type Shape } from './shape.js';
import { formatSummary } from './summary.js';
import type { Tensor } from './tensor.js';
import { isUsable, LARGEST, placeLayer, type PlacedLayer } from './placedLayer.js';
import { profile, type ProfileRow } from './profile.js';
import { stepsHere, type Background, type Steps, type StepsData, type StepsSettings } from './steps.js';
import { Trainer, type Compiled, type Examples, type Logs } from './trainer.js';
import { checkWeights, extendWeights, joinWeights, splitWeights } from './weights.js';

export interface SequentialOptions {
  readonly layers?: readonly Layer[];
  /** Default 'sequential'. */
  readonly name?: string;
  /** Shape of one example, e.g. [28, 28, 1]; or give it to the first layer. */
  readonly inputShape?: Shape;
  /** Of the first weights, and of fit's shuffling and dropout. Default 0. */
  readonly seed?: number;
}

/** Each layer is looked up among those before it: a file that describes a million would take hours. */
const MOST_LAYERS = 1000;

/** What a counter of 32 bits can hold; Adam's powers are counted up to it. */
const MOST_STEPS = 2147483648;

/** Batch of an engine that only predicts. */
const PREDICT_BATCH = 32;

export class Sequential {
  /** Where new models have fit() make its steps; on a page wasm-cnn sets it. */
  static usualBackground: Background | null = null;
  readonly name: string;
  readonly seed: number;
  /** Set it to true in a callback to end fit() after the batch at hand. */
  stopTraining = false;
  /** Where fit() is, while it is under way, and after loadModel() of a checkpoint; save() keeps it. */
  fitState: (() => FitState) | null = null;
  /** Kernels in place of those built in; compile({ wasm }) and loadModel(bytes, { wasm }) set it. */
  wasm: WebAssembly.Module | undefined;
  /** Where fit() makes its steps, unless compile({ background }) says otherwise. */
  background = Sequential.usualBackground;
  readonly #placed: PlacedLayer[] = [];
  #inputShape: Shape | undefined;
  #compiled: Compiled | null = null;
  /** How compile() wants the engine to run. */
  #run: EngineOptions = {};
  /** How many threads fit() has in the background: those asked for, and once they were counted. */
  #elsewhere: Threads = { asked: 1, running: 1, trouble: null };
  #trainer: Trainer | null = null;
  /** The weights while there is no engine to hold them, as far as somebody asked for them. */
  #weights: Float32Array = new Float32Array(0);

  constructor(options: SequentialOptions = {}) {
    checkOptions(options, ['layers', 'name', 'inputShape', 'seed'], 'sequential');
    const { layers = [], name = 'sequential', inputShape, seed = 0 } = options;
    check(Array.isArray(layers), () => `sequential needs its layers as an array, got ${describe(layers)}`);
    check(typeof name === 'string', () => `sequential needs its name as a text, got ${describe(name)}`);
    this.name = name;
    this.seed = checkWhole(seed, 'seed', 0);
    this.#inputShape = inputShape;
    for (const layer of layers) this.add(layer);
  }

  get layers(): readonly PlacedLayer[] {
    return this.#placed;
  }

  get parameters(): readonly Parameter[] {
    return this.#placed.flatMap(({ parameters }) => parameters);
  }

  get inputShape(): Shape {
    check(this.#inputShape !== undefined, "the model has no input shape; give the first layer inputShape, e.g. [28, 28, 1]");
    return this.#inputShape;
  }

  get outputShape(): Shape {
    return this.#placed.at(-1)?.output ?? this.inputShape;
  }

  /** The memory plan; null before compile() and before the first predict(). */
  get plan(): Plan | null {
    return this.#trainer?.engine.plan ?? null;
  }

  /** How many threads there are: fewer than asked for where the host does not give them. fit() waits for them. */
  get threads(): Threads {
    return (this.background ? null : this.#trainer?.engine.threads) ?? this.#elsewhere;
  }

  get compiled(): Compiled | null {
    return this.#compiled;
  }

  /** Appends a layer; throws one sentence where it does not fit what comes before. */
  add(layer: Layer): void {
    check(this.#trainer === null, 'layers are added before compile() and predict()');
    checkLayer(layer);
    check(this.#placed.length < MOST_LAYERS, `a model has at most ${MOST_LAYERS} layers; leave some out`);
    const index = this.#placed.length;
    if (index === 0) this.#inputShape ??= layer.options.inputShape;
    const input = this.outputShape;
    check(isUsable(input), () => `the input shape must be an array of whole numbers above 0, fewer than ${LARGEST} values in all, got ${JSON.stringify(input)}`);
    this.#placed.push(placeLayer(layer, input, this.#placed));
  }

  /** Chooses optimizer, loss and metrics, checks that they fit, plans the memory and takes it. Starts the optimizer anew. */
  compile(options: CompileOptions): void {
    const compiled = compiledOf(options);
    const { batchSize = 32, workers, background = this.background, wasm = this.wasm } = options;
    const { numerics } = compiled;
    const run = { workers: background ? undefined : workers, numerics, wasm };
    this.#trainer = this.#plan(checkWhole(batchSize, 'batchSize'), compiled, run);
    this.#compiled = compiled;
    this.#run = run;
    this.background = background;
    this.#elsewhere = { asked: workers?.threads ?? 1, running: 1, trouble: null };
    this.wasm = wasm;
    this.fitState = null;
  }

  /** Plans, takes the memory, and moves the weights there. Nothing changes where it fails. */
  #plan(batchSize: number, compiled: Compiled | null, run: EngineOptions): Trainer {
    const ops = lower(this.#primitives(), compiled?.loss ?? null);
    const plan = makePlan(ops, this.parameters, { batchSize, slots: compiled?.optimizer.slots ?? null, threads: run.workers?.threads ?? 1 });
    const engine = new Engine(plan, run);
    engine.weights.set(this.#flatWeights());
    engine.refresh();
    return new Trainer(engine, compiled, this.inputShape, this.outputShape);
  }

  /** For fit() and who trains in its stead: what trains, planned for this batch size (default: as it is). */
  training(batchSize?: number): Trainer {
    check(this.#compiled !== null && this.#trainer !== null, 'the model is not compiled; call compile({ optimizer, loss, metrics }) first');
    this.#trainer.engine.checkAlive();
    if (batchSize !== undefined && batchSize !== this.#trainer.batchSize) {
      const { step, engine } = this.#trainer;
      this.#trainer = this.#plan(checkWhole(batchSize, 'batchSize'), this.#compiled, this.#run);
      this.#trainer.step = step;
      for (const [i, slot] of this.#trainer.engine.slots.entries()) slot.set(engine.slots[i]!);
    }
    return this.#trainer;
  }

  /** For fit(): its steps on these data, made where compile() said. */
  async openSteps(data: StepsData, settings: StepsSettings): Promise<Steps> {
    if (!this.background) return stepsHere(this.training(), data, settings);
    const steps = await this.background.open(this, data, settings, this.#elsewhere.asked);
    this.#elsewhere = steps.threads;
    return steps;
  }

  /** Checks one batch, and gives what trains with room for it. */
  #trainingOn(x: Tensor, y: Labels, who: string): { trainer: Trainer; examples: Examples } {
    const planned = this.training();
    const examples = planned.examples(x, y, who);
    const trainer = examples.count > planned.batchSize ? this.training(examples.count) : planned;
    trainer.seed = this.seed;
    return { trainer, examples };
  }

  #primitives(): Primitive[] {
    check(this.#placed.length > 0, 'the model has no layers; add some before compile() and predict()');
    const primitives = this.#placed.flatMap(({ layer, name, input, parameters }, index) => layer.lower({ name, index, input, parameters }));
    check(primitives.length > 0, 'the model has no layer that computes anything');
    return primitives;
  }

  /** All parameters in layer order, kernel then bias: a view, not a copy. */
  #flatWeights(): Float32Array {
    if (this.#trainer) {
      this.#trainer.engine.checkAlive();
      return this.#trainer.engine.weights;
    }
    if (this.#weights.length < this.countParams()) this.#weights = extendWeights(this.#weights, this.parameters, this.seed);
    return this.#weights;
  }

  /** Trains. x [n, …inputShape], bytes (pixels, taken as value / 255) or f32; y: class indices or one-hot rows. */
  async fit(x: Tensor, y: Labels, options: FitOptions = {}): Promise<History> {
    return fit(this, x, y, options);
  }

  /** One optimizer step on one batch; gives the batch's loss and metrics from before the step. */
  async trainOnBatch(x: Tensor, y: Labels): Promise<Logs> {
    const { trainer, examples } = this.#trainingOn(x, y, 'trainOnBatch');
    this.fitState = null;
    const sums: Logs = {};
    trainer.train(examples, inOrder(examples.count), 0, examples.count, sums);
    return trainer.means(sums, examples.count);
  }

  /** Gradients of the mean loss over one batch, in the order of getWeights(); nothing is learned. */
  async gradients(x: Tensor, y: Labels): Promise<Tensor<Float32Array>[]> {
    const { trainer, examples } = this.#trainingOn(x, y, 'gradients');
    return splitWeights(trainer.gradients(examples), this.parameters);
  }

  /** Makes `steps` steps on one batch on the calling thread, and says for each op and pass where the time went. */
  async profile(x: Tensor, y: Labels, steps = 20): Promise<ProfileRow[]> {
    const { trainer, examples } = this.#trainingOn(x, y, 'profile');
    return profile(trainer, examples, checkWhole(steps, 'steps'));
  }

  /** Mean loss and metrics over all examples; nothing is learned and dropout is off. */
  async evaluate(x: Tensor, y: Labels): Promise<Logs> {
    return this.training().evaluate(x, y);
  }

  /** Outputs [n, …outputShape], for any n. */
  async predict(x: Tensor): Promise<Tensor<Float32Array>> {
    this.#trainer ??= this.#plan(PREDICT_BATCH, null, { wasm: this.wasm });
    return this.#trainer.predict(x);
  }

  countParams(): number {
    return this.parameters.reduce((sum, { size }) => sum + size, 0);
  }

  /** Copies of all weights in layer order, kernel then bias. */
  getWeights(): Tensor<Float32Array>[] {
    return splitWeights(this.#flatWeights(), this.parameters);
  }

  /** Takes over weights of exactly the shapes that getWeights() gives; all of them or none. */
  setWeights(weights: readonly Tensor[]): void {
    checkWeights(weights, this.parameters, 'setWeights');
    joinWeights(weights, this.parameters, this.#flatWeights());
    this.#trainer?.engine.refresh();
  }

  /** Steps that the optimizer has made since compile(). */
  get step(): number {
    return this.#trainer?.step ?? 0;
  }

  /** What the optimizer keeps beside each weight, by its name ('m', 'v'): views of the engine's memory, empty before compile(). */
  get optimizerSlots(): ReadonlyMap<string, Float32Array> {
    return new Map(this.#compiled?.optimizer.slots.map((name, i) => [name, this.#trainer!.engine.slots[i]!]));
  }

  /** Puts the optimizer back to where it was after `step` steps; slots as {@link optimizerSlots} gives them. */
  restoreOptimizer(step: number, slots: ReadonlyMap<string, Float32Array>): void {
    const trainer = this.training();
    check(checkWhole(step, 'step', 0) <= MOST_STEPS, () => `step must be at most ${MOST_STEPS}, got ${step}`);
    for (const name of this.#compiled!.optimizer.squares) check(slots.get(name)!.every((value) => value >= 0), () => `the optimizer's ${name} holds numbers below 0`);
    trainer.step = step;
    for (const [name, values] of this.optimizerSlots) values.set(slots.get(name)!);
  }

  /** The model as the bytes of a .safetensors file, which loadModel() reads. */
  save(options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
    return saveModel(this, options);
  }

  /** Prints layers, shapes, parameters and the bytes of the plan. */
  summary(print: (text: string) => void = console.log): void {
    print(formatSummary(this.name, this.inputShape, this.#placed, this.plan));
  }
}

/** A model of these layers; see {@link SequentialOptions}. */
export function sequential(options: SequentialOptions = {}): Sequential {
  return new Sequential(options);
}
