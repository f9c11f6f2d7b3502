// The experiment: data, network, run, and what is kept of them. board.ts shows it.
import { WasmCnnError, type Sequential } from 'wasm-cnn';
import { prepareDigit } from 'wasm-cnn/data';
import { Board } from './board.js';
import { linkOf, searchOf, takeChoices, writeAddress } from './choices.js';
import type { Dropped } from './data/dropped.js';
import { grayOf } from './data/dropped.js';
import { MnistFiles } from './data/mnistFiles.js';
import { checkForPage, type Source } from './data/source.js';
import { buildModel, designOf, presets, type Design } from './network/design.js';
import { problemOf } from './network/problem.js';
import { announce, clearMessage, showError, showMessage } from './page/messages.js';
import { formatShare } from './page/words.js';
import type { Autosave } from './saved/autosave.js';
import { readSettings, showSettings } from './settingsFields.js';
import { dataFor, fitsData, openedSentence, openModel, type Opened } from './training/opened.js';
import { saveNow } from './training/pauseAndSave.js';
import { Run, type RunState } from './training/run.js';
import { compileFor, factsOf, type RunFacts } from './training/settings.js';
import { Kept, type Snapshot } from './training/snapshot.js';
import { movesOf, showMoves, type Move } from './views/bar.js';
import { showKept } from './views/keptLine.js';
import { showStory } from './views/story.js';
import { download, showOpened, showRun } from './views/take.js';

/** Images for which an untried network's memory is planned before there are data. */
const USUAL_COUNT = 11000;
/** A page that dies costs at most this much of a run. */
const AUTOSAVE_MS = 3000;

export class Lab {
  readonly #board = new Board({
    onDesign: (design) => this.setDesign(design),
    onRefused: showMessage,
    onNews: () => this.#showButtons(),
  });
  readonly #files = new MnistFiles();
  readonly #kept = new Kept();
  #autosave: Autosave | null = null;
  #source: Source | null = null;
  #design: Design = presets.reference;
  #model: Sequential | null = null;
  #run: Run | null = null;
  /** A model that came from a file, from before a reload, or from a run that was stopped, as long as nothing was trained since. */
  #opened: Opened | null = null;
  /** The current run's latest kept checkpoint. */
  #safe: Snapshot | null = null;
  /** Weights that no link makes: from a file, or trained further. */
  #beyondLink = false;
  /** Data or a run are on their way: nothing else may begin. */
  #waiting = 0;

  get pad(): Board['pad'] {
    return this.#board.pad;
  }

  get busy(): boolean {
    return this.#run?.under ?? false;
  }

  /** Whether this network has learned something. */
  get #trained(): boolean {
    return this.#run !== null || this.#opened !== null;
  }

  // ---- data

  /** Nothing else begins until `making` is done. */
  async waitFor<T>(making: () => Promise<T>): Promise<T> {
    this.#waiting++;
    this.#showButtons();
    try {
      return await making();
    } finally {
      this.#waiting--;
      this.#showButtons();
    }
  }

  setSource(source: Source): void {
    if (this.busy)
      throw new WasmCnnError(
        `${source.name}: a run is under way, and keeps the data that it was begun on; stop it before you choose others`,
      );
    checkForPage(source);
    this.#source = source;
    this.#board.setSource(source);
    if (this.#opened) showOpened(openedSentence(this.#opened, source));
    this.#showButtons();
    this.#noted();
  }

  async take(dropped: Dropped): Promise<void> {
    if (dropped.kind === 'picture') {
      const { image, notes, doubts } = prepareDigit(grayOf(dropped.bitmap));
      return this.pad.show(image, `${dropped.name}: ${notes.join(', ')}`, { isDigit: false, doubts });
    }
    if (this.busy || this.#waiting > 0)
      throw new WasmCnnError(`${dropped.name}: a run is under way; stop it before you open something else`);
    if (dropped.kind === 'model') return this.#open(openModel(dropped.bytes, dropped.name, 'file'));
    this.#files.add(dropped.bytes, dropped.kind, dropped.name);
    const { missing } = this.#files;
    if (missing.length > 0)
      return showMessage(`${dropped.name} is here; still missing: ${missing.join(', ')}`, 'notice');
    clearMessage();
    this.setSource(await this.waitFor(() => this.#files.take()));
  }

  // ---- network

  /** Fresh weights; why a network cannot be is said in its place. What was trained is kept. */
  setDesign(design: Design): void {
    if (this.busy) return;
    this.#keep();
    this.#design = design;
    this.#run = this.#opened = this.#safe = null;
    this.#beyondLink = false;
    showOpened(null);
    try {
      const problem = problemOf(design);
      if (problem !== null) throw new WasmCnnError(problem);
      const settings = readSettings();
      const model = buildModel(design, settings.seed);
      compileFor(model, settings, this.#source?.train.y.length ?? USUAL_COUNT);
      this.#design = { ...designOf(model), name: design.name };
      this.#setModel(model);
    } catch (error) {
      if (!(error instanceof WasmCnnError)) console.error(error);
      this.#model = null;
      this.#board.setImpossible(design, (error as Error).message);
    }
    this.#board.showCurves(null);
    this.#showButtons();
    this.#noted();
  }

  /** Another seed gives other first weights; a network that has learned something stays until it starts over. */
  settingsChanged(): void {
    if (this.#trained) this.#noted();
    else this.setDesign(this.#design);
  }

  #setModel(model: Sequential): void {
    this.#model = model;
    this.#board.setModel(this.#design, model, this.#run);
  }

  // ---- run

  async move(move: Move): Promise<void> {
    if (move === 'pause') return this.#run?.pause();
    if (move === 'resume') return this.#run?.resume();
    if (move === 'stop') return this.#run?.stop();
    if (!this.#source || !this.#model || this.busy || this.#waiting > 0) return;
    if (move === 'continue') return this.#start(this.#opened!.model, this.#opened!.facts, { resume: true });
    const settings = readSettings();
    const facts = factsOf(settings, this.#source);
    const further = move === 'further';
    const model = further ? this.#model : buildModel(this.#design, settings.seed);
    const before = this.#trained ? this.snapshot() : null;
    compileFor(model, settings, facts.dataset.trainCount);
    if (before?.bytes) this.#kept.add(before);
    this.#beyondLink = further;
    await this.#start(model, facts, { resume: false });
  }

  async #start(model: Sequential, facts: RunFacts | undefined, { resume }: { resume: boolean }): Promise<void> {
    clearMessage();
    const onStep = (): void => {
      if (model.step === 1) performance.mark('first step');
      this.#board.stepMade();
    };
    const onPageThread = (): void =>
      showMessage(
        "the training thread's script could not be loaded (is the page offline?), so the page's own thread trains: the same bits, but the page is slower; reload it once you are online",
        'notice',
      );
    const curves = resume ? (this.#opened?.curves ?? null) : null;
    const run = await this.waitFor(() =>
      Run.prepare({
        model,
        source: this.#source!,
        facts,
        resume,
        curves,
        onStep,
        onPageThread,
        onState: (state) => this.#onState(run, state),
      }),
    );
    this.#run = run;
    this.#opened = this.#safe = null;
    showOpened(null);
    this.#setModel(model);
    this.#board.showCurves(run.progress.curves);
    if (run.unknownCallbacks.length > 0)
      showMessage(
        `the checkpoint has the callbacks ${run.unknownCallbacks.join(', ')}, which this page does not know: it keeps their states, but they do nothing here`,
        'notice',
      );
    await run.train();
  }

  #onState(run: Run, state: RunState): void {
    this.#board.lock(run);
    if (!run.under) this.#takeInterrupted(run);
    this.#showButtons();
    if (state === 'running') return;
    this.autosave();
    void this.#board
      .showRest(run)
      .then(() => {
        if (state === 'finished' || state === 'stopped')
          announce(
            `Training ${state === 'finished' ? 'is finished' : 'was stopped'}: ${formatShare(this.#board.accuracy)} of the test digits right.`,
          );
      })
      .catch(showError);
  }

  /** A run that was stopped, or lost its thread, can resume from its last checkpoint. */
  #takeInterrupted(run: Run): void {
    const bytes = run.checkpoint ?? (run.failure === 'thread' && this.#safe?.underWay ? this.#safe.bytes : null);
    if (!bytes) return;
    this.#opened = openModel(bytes, 'this run', 'here', run.progress.curves);
    this.#setModel(this.#opened.model);
  }

  // ---- what is kept

  /** Of now; consistent between any two tasks of the page, as a step's results all come in one. */
  snapshot(): Snapshot {
    const [run, opened] = [this.#run, this.#opened];
    const bytes = opened?.bytes ?? run?.snapshot() ?? null;
    return {
      bytes,
      step: this.#model?.step ?? 0,
      underWay: bytes !== null && (opened?.underWay ?? (this.#model?.fitState ?? null) !== null),
      search: searchOf(this.#design, this.#source),
      curves: run?.progress.curves ?? opened?.curves ?? null,
      savedAt: Date.now(),
    };
  }

  /** Before another network takes its place. */
  #keep(): void {
    if (!this.#trained) return;
    const snapshot = this.snapshot();
    if (snapshot.bytes) this.#kept.add(snapshot);
  }

  /** From now on all work is kept there. */
  keepIn(autosave: Autosave, kept: readonly Snapshot[]): void {
    this.#autosave = autosave;
    autosave.onTrouble = (reason) =>
      showMessage(`this browser keeps nothing (${reason}): save the model before you leave the page`);
    if (kept.length > 0) this.#kept.list = kept;
    this.#showButtons();
    setInterval(() => this.#run?.state === 'running' && this.autosave(), AUTOSAVE_MS);
  }

  autosave(): void {
    // Before the data are there, nothing was done that could be lost.
    if (!this.#autosave || !this.#source) return;
    const snapshot = this.snapshot();
    if (this.busy) this.#safe = snapshot;
    void this.#autosave.save(snapshot, this.#kept.list);
  }

  /** Restores the previous network; the current one is kept in its place. */
  async undo(): Promise<void> {
    if (this.busy || this.#waiting > 0) return;
    const now = this.#trained ? this.snapshot() : null;
    const taken = this.#kept.take(now?.bytes ? now : null);
    if (taken) await this.restore(taken);
  }

  /** The same for one that another tab has left. */
  async takeBack(snapshot: Snapshot): Promise<void> {
    if (!this.busy) this.#keep();
    await this.restore(snapshot);
  }

  /** Shows what was kept as it was left. */
  async restore(snapshot: Snapshot): Promise<void> {
    if (this.busy || this.#waiting > 0)
      throw new WasmCnnError('a run is under way; stop it before you take another network back');
    const { bytes, search, curves } = snapshot;
    const { design } = takeChoices(search);
    if (bytes) await this.#open(openModel(bytes, 'your run', 'here', curves), false);
    else this.setDesign(design);
  }

  // ---- files

  async save(): Promise<void> {
    if (!this.#model) return;
    const opened = this.#opened;
    download(this.#run && !opened ? await this.#run.save() : saveNow(this.#model, opened?.facts));
  }

  async #open(opened: Opened, keep = true): Promise<void> {
    if (keep) this.#keep();
    this.#run = this.#safe = null;
    this.#opened = opened;
    this.#design = designOf(opened.model);
    this.#beyondLink = true;
    if (opened.facts) showSettings(opened.facts.settings);
    this.#board.showCurves(opened.curves);
    this.#setModel(opened.model);
    const { underWay } = opened;
    if (underWay && this.#source && !fitsData(opened, this.#source)) {
      announce('Making the data that the run was begun on');
      const source = await this.waitFor(() => dataFor(opened, this.#source!));
      if (source) this.setSource(source);
    }
    if (this.#source) showOpened(openedSentence(opened, this.#source));
    this.#showButtons();
    this.#noted();
  }

  link(): { url: string; note: string } {
    return linkOf(this.#design, this.#source, this.#beyondLink);
  }

  // ---- what is shown

  /** The address follows every change, and so does what is kept. */
  #noted(): void {
    if (!this.#source) return;
    writeAddress(searchOf(this.#design, this.#source));
    this.autosave();
  }

  /** Whether the opened checkpoint can resume on the current data. */
  get #fits(): boolean {
    return this.#opened === null || this.#source === null || fitsData(this.#opened, this.#source);
  }

  #showButtons(): void {
    const ready = this.#model !== null && this.#source !== null && this.#waiting === 0;
    showMoves(movesOf(this.#run, { opened: this.#opened, fits: this.#fits, ready }), this.#run);
    showKept(this.#kept, this.busy || this.#waiting > 0);
    showRun(this.#run, this.#model, this.#opened);
    showStory(this.#run, {
      ready: this.#source !== null,
      impossible: this.#model === null,
      accuracy: this.#board.accuracy,
      opened: this.#opened,
      fits: this.#fits,
    });
  }
}
