// What is shown of a network: what it sees, what it answers, how it learns.
import type { Model } from 'wasm-cnn';
import type { Picture } from 'wasm-cnn/images';
import { farApart, formOf, haveSameNames, pictureAt, subjectOf, type Source, type Subject } from './data/source.js';
import type { Design } from './network/design.js';
import { formOfModel, isSameForm, type Form } from './network/form.js';
import { NetworkView } from './network/networkView.js';
import { find } from './page/element.js';
import { showError } from './page/messages.js';
import { aOne, setSubject, skillOf } from './page/subject.js';
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
import { Pad, type Seen } from './views/pad.js';
import { Reading } from './views/reading.js';
import { Samples } from './views/samples.js';
import { Shown } from './views/shown.js';
import { showWeightsSha256 } from './views/download.js';

/** How far above chance a network's answers mean something: half of ten classes right. */
const TELLS_APART = 4 / 9;

export interface BoardEvents {
  /** What network the person wants. */
  readonly onDesign: (design: Design) => void;
  /** Why it cannot be. */
  readonly onRefused: (sentence: string) => void;
  /** There is news of how good the network is. */
  readonly onNews: () => void;
}

export class Board {
  readonly pad = new Pad((seen) => this.#see(seen));
  readonly #shown = new Shown((seen) => this.#see(seen));
  readonly #reading: Reading;
  readonly #network: NetworkView;
  readonly #samples = new Samples((image, origin) => this.#pick(image, origin));
  readonly #mistakes = new Mistakes((image, origin) => this.#pick(image, origin));
  readonly #curves = new Curves();
  readonly #onNews: () => void;
  /** Whether a person has taken the pen, or brought or pressed an image. */
  taken = false;
  #subject: Subject;
  #source: Source | null = null;
  #model: Model | null = null;
  #run: Run | null = null;
  #evaluator: Evaluator | null = null;
  /** On all test images, once the network rests; NaN before. */
  #whole = NaN;

  /** While weights change: what the network sees and its filters, its answers to the test images, its curves. */
  readonly #look = new Throttled(() => this.#showWeights(), { leastMs: 140, rest: 4, onError: showError });
  readonly #examine = new Throttled(() => this.#askNext(), { leastMs: 500, rest: 6, onError: showError });
  readonly #draw = new Throttled(async () => this.showProgress(), { leastMs: 200, rest: 5, onError: showError });

  constructor(subject: Subject, { onDesign, onRefused, onNews }: BoardEvents) {
    this.#subject = subject;
    this.#reading = new Reading(subject);
    this.#network = new NetworkView(onDesign, onRefused);
    this.#onNews = onNews;
    onThemeChange(() => this.#model && showFilters(this.#model));
  }

  get areDigits(): boolean {
    return this.#subject.areDigits;
  }

  /** What the classes are called, and whether they can be drawn. */
  setSubject(subject: Subject): void {
    if (subject === this.#subject) return;
    const changes = subject.areDigits !== this.#subject.areDigits;
    this.#subject = subject;
    setSubject(subject);
    this.#reading.setSubject(subject);
    if (!changes) return;
    find('pad', HTMLCanvasElement).parentElement!.hidden = !subject.areDigits;
    find('shown', HTMLCanvasElement).parentElement!.hidden = subject.areDigits;
    find('clear', HTMLButtonElement).hidden = !subject.areDigits;
    this.pad.leave();
    this.#shown.clear();
    this.#see({ image: null, origin: '', own: false, doubts: [], isDigit: true });
  }

  /** A picture of a person's own; `image`: what the network sees of it. */
  showOwn(picture: Picture, image: Picture, origin: string, doubts: readonly string[] = []): void {
    if (this.areDigits) this.pad.show(image, origin, { isDigit: false, doubts });
    else this.#shown.show(picture, image, origin);
  }

  /** Shows a test image, until the person chooses a picture. */
  showTest(i: number): void {
    const { test } = this.#source ?? {};
    if (!test || this.areDigits) return;
    const index = farApart(i, test.y.length);
    const image = pictureAt(test, index);
    const origin = `test image ${index}, ${aOne(subjectOf(this.#source!), test.y[index]!)}`;
    this.#shown.show(image, image, origin, { own: false });
  }

  #pick(image: Picture, origin: string): void {
    if (this.areDigits && image.data.length === 784) this.pad.show(image, origin);
    else this.#shown.show(image, image, origin);
  }

  #see(seen: Seen): void {
    this.taken ||= seen.own;
    this.#reading.see(seen);
  }

  /** On test images; NaN where nothing is known yet. */
  get accuracy(): number {
    return Number.isFinite(this.#whole) ? this.#whole : (this.#evaluator?.accuracy() ?? NaN);
  }

  setSource(source: Source): void {
    this.#source = source;
    this.#samples.show(source);
    showSource(source);
    this.#askAnew();
    this.#reading.likeness = null;
    if (subjectOf(source).areDigits)
      void Likeness.of(source.train, source.test)
        .then((likeness) => {
          if (this.#source === source) this.#reading.likeness = likeness;
        })
        .catch(showError);
    // A picture that a person has brought stays.
    else if (!this.taken) this.showTest(0);
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
  setImpossible(design: Design, form: Form, sentence: string): void {
    this.#model = this.#run = null;
    this.#network.showImpossible(design, form, sentence);
    this.#reading.forget();
    clearFilters();
    clearConfusion(this.#subject);
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
    const form = this.#source && formOf(this.#source);
    const suits =
      form &&
      haveSameNames(this.#subject, subjectOf(this.#source!)) &&
      (!this.#model || isSameForm(formOfModel(this.#model), form));
    this.#evaluator = suits ? new Evaluator(this.#source!.test, form.classes) : null;
    if (this.#evaluator) return;
    // Nothing is known of it on data that it was not made for.
    clearConfusion(this.#subject);
    this.#mistakes.clear();
  }

  async #askNext(): Promise<void> {
    const [run, evaluator] = [this.#run, this.#evaluator];
    if (run?.state !== 'running' || !evaluator) return;
    await evaluator.askNext(run.model);
    run.progress.testAccuracy.add(run.progress.seen, evaluator.accuracy());
    this.#showExamined(evaluator);
  }

  /** Evaluates an idle model on all test images. */
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
    this.#reading.trained = skillOf(evaluator.accuracy(), this.#subject) > TELLS_APART;
    showConfusion(evaluator.confusion(), this.#subject);
    this.#mistakes.show(evaluator, this.#subject, this.#run?.state === 'running');
  }
}
