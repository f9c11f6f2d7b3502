// One run: started here or resumed from a checkpoint, with everything it needs to continue elsewhere.
import { WasmCnnError, type FitState, type Model } from 'wasm-cnn';
import { dataSha256, stratifiedSplit, type Examples } from 'wasm-cnn/data';
import {
  classifierFactsOf,
  dataFactsOf,
  runDataSha256,
  splitForRun,
  withDrawnDigits,
  type RunFacts,
  type RunSettings,
  type RunSplit,
} from 'wasm-cnn/recipes';
import { subjectOf, type Source } from '../data/source.js';
import { PauseAndSave, saveNow, type SavedFile } from './pauseAndSave.js';
import { Progress, type SavedCurves } from './progress.js';
import { callbacksWithStates } from './states.js';

export type RunState = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
/** Why it failed: its numbers ran away, its thread is gone, or something else. */
export type Failure = 'diverged' | 'thread' | 'other';

export interface RunAsked {
  /** Compiled. */
  readonly model: Model;
  readonly source: Source;
  /** Where it is made already: what splitSource() gives. */
  readonly split?: RunSplit;
  /** Kept in its files; undefined for a checkpoint that another program wrote. */
  readonly facts: RunFacts | undefined;
  /** Whether the model comes from a checkpoint, to resume there. */
  readonly resume: boolean;
  /** The same run's, from before it was interrupted. */
  readonly curves: SavedCurves | null;
  /** The training thread's script did not load, so the page's own thread trains. */
  readonly onPageThread: () => void;
  /** After each step, and when the state has changed. */
  readonly onStep: () => void;
  readonly onState: (state: RunState) => void;
}

export class Run {
  readonly model: Model;
  readonly progress: Progress;
  /** The step it resumed at, or null where it began here. */
  readonly resumedAt: number | null;
  /** Callbacks of the checkpoint that are kept, but not known here. */
  readonly unknownCallbacks: readonly string[];
  state: RunState = 'running';
  failure: Failure | null = null;
  /** The file from which a stopped run resumes. */
  checkpoint: Uint8Array<ArrayBuffer> | null = null;
  readonly #asked: RunAsked;
  readonly #between = new PauseAndSave();
  readonly #stop = new AbortController();
  readonly #states: ReturnType<typeof callbacksWithStates>['callbacks'];
  readonly #saved: FitState | null;
  readonly #data: Data;

  private constructor(asked: RunAsked, data: Data) {
    const { model, facts, resume } = asked;
    this.model = model;
    this.#asked = asked;
    this.#data = data;
    this.#saved = resume ? model.fitState!() : null;
    this.resumedAt = resume ? model.step : null;
    const count = data.train.y.length;
    const epochs = this.#saved?.epochs ?? facts!.settings.epochs;
    this.progress = new Progress({ epochs, count, batchSize: this.#saved?.batchSize ?? facts!.settings.batchSize });
    if (asked.curves) this.progress.takeCurves(asked.curves);
    const { callbacks, unknown } = callbacksWithStates({
      model,
      examples: count,
      resumedAt: this.resumedAt,
      settings: facts?.settings,
      names: this.#saved ? Object.keys(this.#saved.callbacks) : undefined,
    });
    this.#states = callbacks;
    this.unknownCallbacks = unknown;
  }

  static async prepare(asked: RunAsked): Promise<Run> {
    const { source, model, facts, resume } = asked;
    const drawnCount = facts?.dataset.drawnCount ?? 0;
    const validationSplit = facts?.settings.validationSplit;
    const { split = splitSource(source, model.seed, drawnCount, validationSplit) } = asked;
    const sha256 = await runDataSha256(source.sha256, model.seed, drawnCount, validationSplit);
    const own: Data = { ...split, sha256 };
    return new Run(asked, resume ? await dataOf(model.fitState!(), source, own) : own);
  }

  /** Trains until it is finished, stopped or failed; then `onState` was told, and an error is thrown. */
  async train(): Promise<void> {
    const { model, facts, resume, onStep, onState } = this.#asked;
    const { train, validation, sha256 } = this.#data;
    const setState = (state: RunState): void => {
      this.state = state;
      onState(state);
    };
    const lastWords = { onSavePoint: () => void (this.#stop.signal.aborted && (this.checkpoint = this.snapshot())) };
    const where = {
      onTrainBegin: () =>
        void (/trainingThread.* could not be loaded/.test(model.threads.trouble ?? '') && this.#asked.onPageThread()),
    };
    const callbacks = [
      where,
      ...this.#states,
      this.progress.callback(onStep),
      this.#between.callback(facts, () => setState('paused')),
      lastWords,
    ];
    setState('running');
    try {
      await model.fit(train.x, train.y, {
        verbose: 0,
        ...(validation ? { validationData: [validation.x, validation.y] as const } : {}),
        ...(sha256 === null ? {} : { dataSha256: sha256 }),
        ...(resume ? { resume } : { epochs: facts!.settings.epochs }),
        callbacks,
        signal: this.#stop.signal,
      });
      setState('finished');
    } catch (error) {
      if (error === this.#stop.signal.reason) return setState('stopped');
      const { message } = error as Error;
      this.failure = /^(val_)?loss is/.test(message) ? 'diverged' : /thread is gone/.test(message) ? 'thread' : 'other';
      setState('failed');
      throw error;
    } finally {
      this.#between.end(() => saveNow(model, facts));
    }
  }

  pause(): void {
    this.#between.pause();
  }

  resume(): void {
    this.progress.forgetSpeed();
    this.#asked.onState((this.state = 'running'));
    this.#between.resume();
  }

  stop(): void {
    this.#stop.abort();
    this.#between.resume();
  }

  /** The model's file as of now, between two steps; null where its numbers are none. */
  snapshot(): Uint8Array<ArrayBuffer> | null {
    try {
      return saveNow(this.model, this.#asked.facts).bytes;
    } catch {
      return null;
    }
  }

  get facts(): RunFacts | undefined {
    return this.#asked.facts;
  }

  /** Adam's highest learning rate; NaN where a file does not say. */
  get rate(): number {
    return this.#asked.facts?.settings.learningRate ?? NaN;
  }

  get source(): Source {
    return this.#asked.source;
  }

  get batchSize(): number {
    return this.#saved?.batchSize ?? this.#asked.facts!.settings.batchSize;
  }

  get isActive(): boolean {
    return this.state === 'running' || this.state === 'paused';
  }

  async save(): Promise<SavedFile> {
    return this.isActive ? this.#between.save() : saveNow(this.model, this.#asked.facts);
  }
}

/** The images that a model of this seed trains on, and those held out for validation, as npm run train splits them. */
export function splitSource(
  { train, validation, groups }: Source,
  seed: number,
  drawnCount: number,
  validationSplit?: number,
): RunSplit {
  const own = validation ? { train, validation } : splitForRun(train, seed, stratifiedSplit, groups, validationSplit);
  return withDrawnDigits(own, drawnCount, seed);
}

/** What a run's files keep of its beginning: npm run train and loadModel().classify() read it, too. */
export function factsOf(source: Source, settings: RunSettings, drawnCount: number, trainCount: number): RunFacts {
  const { names } = subjectOf(source);
  return {
    settings,
    dataset: dataFactsOf(source, source.sha256, drawnCount, trainCount),
    classifier: classifierFactsOf(names.length, source.classNames, source.train.x.shape),
  };
}

interface Data {
  readonly train: Examples;
  readonly validation: Examples | null;
  /** What stands for them in the checkpoint; null: fit hashes them. */
  readonly sha256: string | null;
}

/** The split that a checkpoint was trained on: npm run train's, or what another program would take. Fit says so where none is. */
async function dataOf(saved: FitState, { train, test }: Source, own: Data): Promise<Data> {
  if (own.sha256 !== null && saved.dataSha256 === own.sha256) return own;
  const candidates: Data[] = [own, { train, validation: test }, { train, validation: null }].map((data) => ({
    ...data,
    sha256: null,
  }));
  const counted = candidates.filter((data) => data.train.y.length === saved.count);
  if (counted.length === 0)
    throw new WasmCnnError(
      `this run was started on ${saved.count} images, but the current data have ${own.train.y.length} to train on; choose the data that it was started on`,
    );
  for (const data of counted) {
    const pairs = [data.train, ...(data.validation ? [data.validation] : [])].map(({ x, y }) => [x, y] as const);
    const sha256 = await dataSha256(pairs);
    if (saved.dataSha256 === null || sha256 === null || sha256 === saved.dataSha256) return data;
  }
  throw new WasmCnnError(
    'this run was started on other images, or by a version that held out the last twelfth of them for validation instead of a twelfth of each class; choose the data that it was started on, or start over',
  );
}
