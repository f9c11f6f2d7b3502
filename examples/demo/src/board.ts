// What is shown of a network: what it sees, what it answers, how it learns.
import type { Model } from 'wasm-cnn';
import type { Source } from './data/source.js';
import type { Design } from './network/design.js';
import { NetworkView } from './network/networkView.js';
import { showError } from './page/messages.js';
import { onThemeChange } from './page/theme.js';
import { Throttled } from './page/throttled.js';
import { lockSettings } from './settingsFields.js';
import { Evaluator } from './training/evaluator.js';
import { Likeness } from './training/likeness.js';
import type { SavedCurves } from './training/progress.js';
import type { Run } from './training/run.js';
import { showFigures } from './views/toolbar.js';
import { clearConfusion, showConfusion } from './views/confusion.js';
import { Curves } from './views/curves.js';
import { lockData, showSource } from './views/dataText.js';
import { clearFilters, showFilters } from './views/filters.js';
import { Mistakes } from './views/mistakes.js';
import { Pad } from './views/pad.js';
import { Reading } from './views/reading.js';
import { Samples } from './views/samples.js';
import { showWeightsSha256 } from './views/download.js';

export interface BoardEvents {
  /** What network the person wants. */
  readonly onDesign: (design: Design) => void;
  /** Why it cannot be. */
  readonly onRefused: (sentence: string) => void;
  /** There is news of how good the network is. */
  readonly onNews: () => void;
}

export class Board {
  readonly pad = new Pad((seen) => this.#reading.see(seen));
  readonly #reading = new Reading();
  readonly #network: NetworkView;
  readonly #samples = new Samples((image, origin) => this.pad.show(image, origin));
  readonly #mistakes = new Mistakes((image, origin) => this.pad.show(image, origin));
  readonly #curves = new Curves();
  readonly #onNews: () => void;
  #source: Source | null = null;
  #model: Model | null = null;
  #run: Run | null = null;
  #evaluator: Evaluator | null = null;
  /** On all test digits, once the network rests; NaN before. */
  #whole = NaN;

  /** While weights change: what the network sees and its filters, its answers to the test digits, its curves. */
  readonly #look = new Throttled(() => this.#showWeights(), { leastMs: 140, rest: 4, onError: showError });
  readonly #examine = new Throttled(() => this.#askNext(), { leastMs: 500, rest: 6, onError: showError });
  readonly #draw = new Throttled(async () => this.showProgress(), { leastMs: 200, rest: 5, onError: showError });

  constructor({ onDesign, onRefused, onNews }: BoardEvents) {
    this.#network = new NetworkView(onDesign, onRefused);
    this.#onNews = onNews;
    onThemeChange(() => this.#model && showFilters(this.#model));
  }

  /** On test digits; NaN where nothing is known yet. */
  get accuracy(): number {
    return Number.isFinite(this.#whole) ? this.#whole : (this.#evaluator?.accuracy() ?? NaN);
  }

  setSource(source: Source): void {
    this.#source = source;
    this.#samples.show(source);
    showSource(source);
    this.#askAnew();
    void Likeness.of(source.train, source.test)
      .then((likeness) => {
        if (this.#source === source) this.#reading.likeness = likeness;
      })
      .catch(showError);
    void this.#examineAll().catch(showError);
  }

  /** `run`: what trains it here, or did. */
  setModel(design: Design, model: Model, run: Run | null): void {
    this.#model = model;
    this.#run = run;
    this.#network.showModel(design, model);
    this.#reading.setModel(model, this.#network.views);
    showFilters(model);
    showFigures(run, NaN);
    this.#askAnew();
    void showWeightsSha256(model).catch(showError);
    void this.#examineAll().catch(showError);
  }

  /** Nothing of the network before it stays to be seen. */
  setImpossible(design: Design, sentence: string): void {
    this.#model = this.#run = null;
    this.#network.showImpossible(design, sentence);
    this.#reading.forget();
    clearFilters();
    clearConfusion();
    this.#mistakes.clear();
    showFigures(null, NaN);
    this.#askAnew();
    void showWeightsSha256(null).catch(showError);
  }

  showCurves(curves: SavedCurves | null): void {
    if (curves) this.#curves.show(curves);
    else this.#curves.clear();
  }

  /** A run keeps its network, its settings and its data. */
  lock(run: Run): void {
    this.#network.lock(run.isActive);
    lockSettings(run.isActive);
    lockData(run.isActive);
    this.pad.learning = this.#samples.learning = run.state === 'running';
    if (run.state !== 'running') return;
    this.#whole = NaN;
    void showWeightsSha256(null).catch(showError);
  }

  /** The weights have changed. */
  stepMade(): void {
    for (const view of [this.#look, this.#examine, this.#draw]) view.request();
  }

  /** The weights rest: all that can be known of them. */
  async showRest(run: Run): Promise<void> {
    this.showProgress();
    await showWeightsSha256(run.model);
    if (run.state === 'failed') return;
    await this.#showWeights();
    await this.#examineAll();
  }

  showProgress(): void {
    if (!this.#run) return;
    this.#curves.show(this.#run.progress.curves);
    showFigures(this.#run, this.accuracy);
    this.#onNews();
  }

  async #showWeights(): Promise<void> {
    if (!this.#model) return;
    showFilters(this.#model);
    await this.#reading.look();
  }

  #askAnew(): void {
    this.#whole = NaN;
    if (this.#source) this.#evaluator = new Evaluator(this.#source.test);
  }

  async #askNext(): Promise<void> {
    const [run, evaluator] = [this.#run, this.#evaluator];
    if (run?.state !== 'running' || !evaluator) return;
    await evaluator.askNext(run.model);
    run.progress.testAccuracy.add(run.progress.seen, evaluator.accuracy());
    this.#showExamined(evaluator);
  }

  /** Evaluates an idle model on all test digits. */
  async #examineAll(): Promise<void> {
    const [model, evaluator] = [this.#model, this.#evaluator];
    if (!model || !evaluator) return;
    const sameAsBefore = (): boolean =>
      this.#model === model && this.#evaluator === evaluator && this.#run?.state !== 'running';
    await evaluator.askAll(model, sameAsBefore);
    if (!sameAsBefore()) return;
    this.#whole = evaluator.accuracy(true);
    this.#showExamined(evaluator);
    showFigures(this.#run, this.#whole);
    this.#onNews();
    await this.#reading.look();
  }

  #showExamined(evaluator: Evaluator): void {
    this.#reading.trained = evaluator.accuracy() > 0.5;
    showConfusion(evaluator.confusion());
    this.#mistakes.show(evaluator, this.#run?.state === 'running');
  }
}
