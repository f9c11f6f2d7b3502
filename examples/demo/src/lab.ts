// The experiment: data, network, run, and what is shown of them.
import { WasmCnnError, type Sequential } from 'wasm-cnn';
import { prepareDigit } from 'wasm-cnn/data';
import type { Dropped } from './data/dropped.js';
import { grayOf } from './data/dropped.js';
import { MnistFiles } from './data/mnistFiles.js';
import { checkForPage, type Source } from './data/source.js';
import { buildModel, designOf, presets, type Design } from './network/design.js';
import { NetworkView } from './network/networkView.js';
import { announce, clearMessage, showError, showMessage } from './page/messages.js';
import { onThemeChange } from './page/theme.js';
import { Throttled } from './page/throttled.js';
import { formatCount, formatShare } from './page/words.js';
import { lockSettings, readSettings, showSettings } from './settingsFields.js';
import { Examiner } from './training/examiner.js';
import { dataFor, fitsData, openModel, type Opened } from './training/opened.js';
import { saveNow } from './training/pauseAndSave.js';
import { Run, type RunState } from './training/run.js';
import { compileFor, factsOf, type RunFacts } from './training/settings.js';
import { showButtons, showFigures } from './views/bar.js';
import { showConfusion } from './views/confusion.js';
import { Curves } from './views/curves.js';
import { showSource } from './views/dataText.js';
import { showFilters } from './views/filters.js';
import { Mistakes } from './views/mistakes.js';
import { Pad } from './views/pad.js';
import { Reading } from './views/reading.js';
import { Samples } from './views/samples.js';
import { showStory } from './views/story.js';
import { download, showOpened, showRun, showWeightsSha256 } from './views/take.js';

/** Images for which an untried network's memory is planned before there are data. */
const USUAL_COUNT = 11000;

export class Lab {
  readonly pad = new Pad((image, origin) => this.#reading.see(image, origin));
  readonly #reading = new Reading();
  readonly #network = new NetworkView((design) => this.setDesign(design));
  readonly #samples = new Samples((image, origin) => this.pad.show(image, origin));
  readonly #mistakes = new Mistakes((image, origin) => this.pad.show(image, origin));
  readonly #curves = new Curves();
  readonly #files = new MnistFiles();
  #source: Source | null = null;
  #design: Design = presets.reference;
  #model: Sequential | null = null;
  #examiner: Examiner | null = null;
  #run: Run | null = null;
  /** A model that came from a file, as long as nothing was trained since. */
  #opened: Opened | null = null;

  /** While weights change: what the network sees and its filters, its answers to the test digits, its curves. */
  readonly #look = new Throttled(() => this.#showWeights(), { leastMs: 140, rest: 4, onError: showError });
  readonly #examine = new Throttled(() => this.#askNext(), { leastMs: 500, rest: 6, onError: showError });
  readonly #draw = new Throttled(async () => this.#showProgress(), { leastMs: 200, rest: 5, onError: showError });

  constructor() {
    onThemeChange(() => this.#model && showFilters(this.#model));
  }

  get busy(): boolean {
    return this.#run?.under ?? false;
  }

  // ---- data

  setSource(source: Source): void {
    checkForPage(source);
    this.#source = source;
    this.#samples.show(source);
    showSource(source);
    this.#examiner = new Examiner(source.test);
    this.#showButtons();
    if (this.#opened) this.#tellOpened(this.#opened, source);
    void this.#examineAll().catch(showError);
  }

  async take(dropped: Dropped): Promise<void> {
    if (dropped.kind === 'picture') {
      const { image, notes } = prepareDigit(grayOf(dropped.bitmap));
      return this.pad.show(image, `${dropped.name}: ${notes.join(', ')}`);
    }
    if (this.busy) throw new WasmCnnError(`${dropped.name}: a run is under way; stop it before you open something else`);
    if (dropped.kind === 'model') return this.#open(dropped.bytes, dropped.name);
    this.#files.add(dropped.bytes, dropped.kind, dropped.name);
    const { missing } = this.#files;
    if (missing.length > 0) return showMessage(`${dropped.name} is here; still missing: ${missing.join(', ')}`, 'notice');
    clearMessage();
    this.setSource(await this.#files.take());
  }

  // ---- network

  /** Fresh weights; an impossible network is answered by the engine. */
  setDesign(design: Design): void {
    if (this.busy) return;
    this.#design = design;
    this.#run = null;
    this.#opened = null;
    showOpened(null, false);
    try {
      const settings = readSettings();
      const model = buildModel(design, settings.seed);
      compileFor(model, settings, this.#source?.train.y.length ?? USUAL_COUNT);
      if (model.outputShape.join() !== '10') throw new WasmCnnError(`the network gives ${model.outputShape.join(' × ')}, and ten probabilities are needed; end with a dense layer of 10 units after flatten`);
      this.#setModel(model);
    } catch (error) {
      if (!(error instanceof WasmCnnError)) console.error(error);
      this.#model = null;
      this.#network.showImpossible(design, (error as Error).message);
      this.#reading.forget();
    }
    this.#curves.clear();
    showFigures(null, NaN);
    this.#showButtons();
  }

  /** Another seed gives other first weights; a network that has learned something stays until it is trained again. */
  settingsChanged(): void {
    if (!this.#run && !this.#opened) this.setDesign(this.#design);
  }

  #setModel(model: Sequential): void {
    this.#model = model;
    this.#network.showModel(this.#design, model);
    this.#reading.setModel(model, this.#network.views);
    showFilters(model);
    showRun(this.#run, model);
    if (this.#source) this.#examiner = new Examiner(this.#source.test);
    void showWeightsSha256(model).catch(showError);
    void this.#examineAll().catch(showError);
  }

  // ---- run

  async trainOrPause(): Promise<void> {
    if (this.#run?.state === 'running') return this.#run.pause();
    if (this.#run?.state === 'paused') return this.#run.resume();
    if (!this.#source || !this.#model) return;
    const settings = readSettings();
    const opened = this.#opened;
    const model = opened ? opened.model : buildModel(this.#design, settings.seed);
    const facts = factsOf(settings, this.#source);
    compileFor(model, settings, facts.dataset.trainCount);
    await this.#start(model, facts, false);
  }

  /** Goes on with the run that was opened. */
  async continueRun(): Promise<void> {
    const { model, facts } = this.#opened ?? {};
    if (!model || !this.#source) return;
    await this.#start(model, facts, true);
  }

  stop(): void {
    this.#run?.stop();
  }

  async #start(model: Sequential, facts: RunFacts | undefined, resume: boolean): Promise<void> {
    clearMessage();
    const onStep = (): void => {
      if (model.step === 1) performance.mark('first step');
      for (const view of [this.#look, this.#examine, this.#draw]) view.request();
    };
    const run = await Run.prepare({ model, source: this.#source!, facts, resume, onStep, onState: (state) => this.#onState(state) });
    this.#run = run;
    this.#opened = null;
    showOpened(null, false);
    this.#setModel(model);
    this.#curves.show(run.progress);
    if (run.unknownCallbacks.length > 0) showMessage(`the checkpoint has the callbacks ${run.unknownCallbacks.join(', ')}, which this page does not know: it keeps their states, but they do nothing here`, 'notice');
    await run.train();
  }

  #onState(state: RunState): void {
    const run = this.#run!;
    this.#network.lock(run.under);
    lockSettings(run.under);
    this.pad.learning = this.#samples.learning = state === 'running';
    this.#showButtons();
    showRun(run, run.model);
    if (state === 'running') return void showWeightsSha256(null);
    this.#showProgress();
    void (async () => {
      await showWeightsSha256(run.model);
      if (state === 'failed') return;
      await this.#showWeights();
      await this.#examineAll();
      if (state !== 'paused') announce(`Training ${state === 'finished' ? 'is finished' : 'was stopped'}: ${formatShare(this.#examiner!.accuracy(true))} of the test digits right.`);
    })().catch(showError);
  }

  // ---- files

  async save(): Promise<void> {
    if (!this.#model) return;
    download(this.#run ? await this.#run.save() : saveNow(this.#model, this.#opened?.facts));
  }

  async #open(bytes: Uint8Array, name: string): Promise<void> {
    const opened = openModel(bytes, name);
    this.#run = null;
    this.#opened = opened;
    this.#design = designOf(opened.model);
    if (opened.facts) showSettings(opened.facts.settings);
    this.#curves.clear();
    showFigures(null, NaN);
    this.#setModel(opened.model);
    if (opened.underWay && this.#source && !fitsData(opened, this.#source)) {
      announce('Making the data that the run was begun on');
      const source = await dataFor(opened, this.#source);
      if (source) this.setSource(source);
    }
    if (this.#source) this.#tellOpened(opened, this.#source);
    this.#showButtons();
  }

  #tellOpened({ name, model, facts, underWay }: Opened, source: Source): void {
    const opened = this.#opened!;
    if (!underWay) return showOpened(`${name}: a model with ${formatCount(model.countParams())} parameters after ${formatCount(model.step)} steps. Draw a digit, or train it further.`, false);
    const { epoch, epochs, count } = model.fitState!();
    const where = `${name}: a run under way, after step ${formatCount(model.step)}, in epoch ${Math.min(epoch + 1, epochs)} of ${epochs}, on ${formatCount(count)} images`;
    const fits = fitsData(opened, source);
    showOpened(fits ? `${where}. Continue it here: it will end with the bits that it would have had where it began.` : `${where} of ${facts!.dataset.name}. Drop those data files on the page, and it can go on here.`, fits);
  }

  // ---- what is shown

  #showButtons(): void {
    showButtons(this.#run, { ready: this.#model !== null && this.#source !== null, further: this.#opened !== null });
    showRun(this.#run, this.#model);
    this.#showStory();
  }

  #showStory(accuracy = this.#examiner?.accuracy() ?? NaN): void {
    showStory(this.#run, { ready: this.#source !== null, accuracy, opened: this.#opened !== null });
  }

  async #showWeights(): Promise<void> {
    if (!this.#model) return;
    showFilters(this.#model);
    await this.#reading.look();
  }

  #showProgress(): void {
    const run = this.#run;
    if (!run) return;
    this.#curves.show(run.progress);
    showFigures(run, this.#examiner?.accuracy() ?? NaN);
    showRun(run, run.model);
    this.#showStory();
  }

  async #askNext(): Promise<void> {
    const [run, examiner] = [this.#run, this.#examiner];
    if (run?.state !== 'running' || !examiner) return;
    await examiner.askNext(run.model);
    run.progress.testAccuracy.add(run.progress.seen, examiner.accuracy());
    this.#showExamined(examiner);
  }

  /** Of a model that rests: about all test digits. */
  async #examineAll(): Promise<void> {
    const [model, examiner] = [this.#model, this.#examiner];
    if (!model || !examiner) return;
    const sameAsBefore = (): boolean => this.#model === model && this.#examiner === examiner && this.#run?.state !== 'running';
    await examiner.askAll(model, sameAsBefore);
    if (!sameAsBefore()) return;
    this.#showExamined(examiner);
    showFigures(this.#run, examiner.accuracy(true));
    this.#showStory(examiner.accuracy(true));
    await this.#reading.look();
  }

  #showExamined(examiner: Examiner): void {
    this.#reading.trained = examiner.accuracy() > 0.5;
    showConfusion(examiner.confusion());
    this.#mistakes.show(examiner);
  }
}
