// What a person does with the experiment: choose data and a network, train, save, open, undo. board.ts shows it.
import { WasmCnnError, type Model } from 'wasm-cnn';
import { prepareDigit } from 'wasm-cnn/data';
import { dataFactsOf, type RunFacts } from 'wasm-cnn/recipes';
import { Board } from './board.js';
import { parseChoices, writeAddress } from './choices.js';
import { grayOf, type Dropped } from './data/dropped.js';
import { MnistFiles } from './data/mnistFiles.js';
import { checkForPage, isBuiltin, type Source } from './data/source.js';
import { Experiment } from './experiment.js';
import { buildModel, designOf, type Design } from './network/design.js';
import { buildFitting, inPageWords } from './network/problem.js';
import { announce, clearMessage, showError, showMessage } from './page/messages.js';
import { formatShare } from './page/format.js';
import type { Autosave } from './saved/autosave.js';
import { Keeper } from './saved/keeper.js';
import { readSettings, showSettings } from './settingsFields.js';
import { dataFor, openedSentence, openModel, type Opened } from './training/opened.js';
import { saveNow } from './training/pauseAndSave.js';
import { Run, type RunState } from './training/run.js';
import { compileFor } from './training/settings.js';
import type { Snapshot } from './training/snapshot.js';
import { movesOf, showMoves, type Move } from './views/toolbar.js';
import { showKept } from './views/keptLine.js';
import { tellOfCallbacks, tellOfPageThread } from './views/runNotices.js';
import { showStatus } from './views/statusLine.js';
import { download, showOpened, showRun } from './views/download.js';

/** Images for which an untried network's memory is planned before there are data. */
const USUAL_COUNT = 11000;
/** A page that dies costs at most this much of a run. */
const AUTOSAVE_MS = 3000;

export class App {
  readonly keeper = new Keeper();
  readonly #now = new Experiment();
  readonly #board = new Board({
    onDesign: (design) => this.setDesign(design),
    onRefused: showMessage,
    onNews: () => this.#showButtons(),
  });
  readonly #files = new MnistFiles();
  /** The last data that came from files. */
  #fromFiles: Source | null = null;
  /** Data or a run are on their way: nothing else may begin. */
  #waiting = 0;

  get pad(): Board['pad'] {
    return this.#board.pad;
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
    const now = this.#now;
    if (now.busy)
      throw new WasmCnnError(`${source.name}: a run is under way, and its data cannot change; stop it first`);
    checkForPage(source);
    now.source = source;
    if (!isBuiltin(source)) this.#fromFiles = source;
    this.#board.setSource(source);
    if (now.opened) showOpened(openedSentence(now.opened, source));
    this.#showButtons();
    this.#noted();
    void this.keeper.saveData(source);
  }

  /** The files that were chosen last, again. */
  setFiles(): void {
    if (this.#fromFiles) this.setSource(this.#fromFiles);
  }

  async open(dropped: Dropped): Promise<void> {
    if (dropped.kind === 'picture') {
      const { image, notes, doubts } = prepareDigit(grayOf(dropped.bitmap));
      return this.pad.show(image, `${dropped.name}: ${notes.join(', ')}`, { isDigit: false, doubts });
    }
    if (this.#now.busy || this.#waiting > 0)
      throw new WasmCnnError(`${dropped.name}: a run is under way; stop it before you open something else`);
    if (dropped.kind === 'model') return this.#open(openModel(dropped.bytes, dropped.name, 'file'));
    this.#files.add(dropped.bytes, dropped.kind, dropped.name);
    const { missing } = this.#files;
    if (missing.length > 0)
      return showMessage(`${dropped.name} loaded; still missing: ${missing.join(', ')}`, 'notice');
    clearMessage();
    this.setSource(await this.waitFor(() => this.#files.take()));
  }

  // ---- network

  /** Fresh weights; why a network cannot be is said in its place. What was trained is kept. */
  setDesign(design: Design): void {
    const now = this.#now;
    if (now.busy) return;
    this.keeper.keep(this.#now);
    now.design = design;
    now.run = now.opened = this.keeper.checkpoint = null;
    now.beyondLink = false;
    showOpened(null);
    try {
      const settings = readSettings();
      const model = buildFitting(design, settings.seed);
      compileFor(model, settings, now.source?.train.y.length ?? USUAL_COUNT);
      now.design = { ...designOf(model), name: design.name };
      this.#setModel(model);
    } catch (error) {
      if (!(error instanceof WasmCnnError)) console.error(error);
      now.model = null;
      this.#board.setImpossible(design, inPageWords((error as Error).message));
    }
    this.#board.showCurves(null);
    this.#showButtons();
    this.#noted();
  }

  /** Another seed gives other first weights; a network that has learned something stays until it starts over. */
  settingsChanged(): void {
    if (this.#now.trained) this.#noted();
    else this.setDesign(this.#now.design);
  }

  #setModel(model: Model): void {
    this.#now.model = model;
    this.#board.setModel(this.#now.design, model, this.#now.run);
  }

  // ---- run

  async move(move: Move): Promise<void> {
    const now = this.#now;
    if (move === 'pause') return now.run?.pause();
    if (move === 'resume') return now.run?.resume();
    if (move === 'stop') return now.run?.stop();
    if (!now.source || !now.model || now.busy || this.#waiting > 0) return;
    if (move === 'continue') return this.#start(now.opened!.model, now.opened!.facts, { resume: true });
    const settings = readSettings();
    const facts = { settings, dataset: dataFactsOf(now.source, now.source.sha256) };
    this.keeper.keep(now);
    const further = move === 'further';
    const model = further ? now.model : buildModel(now.design, settings.seed);
    compileFor(model, settings, facts.dataset.trainCount);
    now.beyondLink = further;
    await this.#start(model, facts, { resume: false });
  }

  async #start(model: Model, facts: RunFacts | undefined, { resume }: { resume: boolean }): Promise<void> {
    const now = this.#now;
    clearMessage();
    const curves = resume ? (now.opened?.curves ?? null) : null;
    const run = await this.waitFor(() =>
      Run.prepare({
        model,
        source: now.source!,
        facts,
        resume,
        curves,
        onStep: () => this.#board.stepMade(),
        onPageThread: tellOfPageThread,
        onState: (state) => this.#onState(run, state),
      }),
    );
    now.run = run;
    now.opened = this.keeper.checkpoint = null;
    showOpened(null);
    this.#setModel(model);
    this.#board.showCurves(run.progress.curves);
    tellOfCallbacks(run.unknownCallbacks);
    await run.train();
  }

  #onState(run: Run, state: RunState): void {
    this.#board.lock(run);
    if (!run.isActive) this.#takeInterrupted(run);
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
    const { checkpoint } = this.keeper;
    const bytes = run.checkpoint ?? (run.failure === 'thread' && checkpoint?.underWay ? checkpoint.bytes : null);
    if (!bytes) return;
    this.#now.opened = openModel(bytes, 'this run', 'here', run.progress.curves);
    this.#setModel(this.#now.opened.model);
  }

  // ---- what is kept

  /** From now on all work is kept there. */
  keepIn(autosave: Autosave, kept: readonly Snapshot[]): void {
    this.keeper.keepIn(autosave, kept);
    this.#showButtons();
    setInterval(() => this.#now.run?.state === 'running' && this.autosave(), AUTOSAVE_MS);
  }

  autosave(): void {
    this.keeper.save(this.#now);
  }

  /** Restores the previous network; the current one is kept in its place. */
  async undo(): Promise<void> {
    if (this.#now.busy || this.#waiting > 0) return;
    const taken = this.keeper.exchange(this.#now);
    if (taken) await this.restore(taken);
  }

  /** The same for one that another tab has left. */
  async takeBack(snapshot: Snapshot): Promise<void> {
    if (!this.#now.busy) this.keeper.keep(this.#now);
    await this.restore(snapshot);
  }

  /** Shows what was kept as it was left. */
  async restore(snapshot: Snapshot): Promise<void> {
    if (this.#now.busy || this.#waiting > 0)
      throw new WasmCnnError('a run is under way; stop it before you restore another network');
    const { bytes, search, curves, beyondLink } = snapshot;
    const { design } = parseChoices(search);
    if (bytes) await this.#open(openModel(bytes, 'your run', 'here', curves), { keep: false, beyondLink });
    else this.setDesign(design);
  }

  // ---- files

  async save(): Promise<void> {
    const { model, run, opened } = this.#now;
    if (!model) return;
    download(run && !opened ? await run.save() : saveNow(model, opened?.facts));
  }

  async #open(opened: Opened, { keep = true, beyondLink = true } = {}): Promise<void> {
    const now = this.#now;
    if (keep) this.keeper.keep(this.#now);
    now.run = this.keeper.checkpoint = null;
    now.opened = opened;
    now.design = designOf(opened.model);
    now.beyondLink = beyondLink;
    if (opened.facts) showSettings(opened.facts.settings);
    this.#board.showCurves(opened.curves);
    this.#setModel(opened.model);
    if (opened.underWay && now.source && !now.fits) {
      announce('Getting the data that the run was started on');
      const source = await this.waitFor(() => dataFor(opened, now.source!, (sha256) => this.keeper.data(sha256)));
      if (source) this.setSource(source);
    }
    if (now.source) showOpened(openedSentence(opened, now.source));
    this.#showButtons();
    this.#noted();
  }

  link(): { url: string; note: string } {
    return this.#now.link();
  }

  // ---- what is shown

  /** The address follows every change, and so does what is kept. */
  #noted(): void {
    if (!this.#now.source) return;
    writeAddress(this.#now.search);
    this.autosave();
  }

  #showButtons(): void {
    const { model, source, run, opened, fits, busy } = this.#now;
    const ready = model !== null && source !== null && this.#waiting === 0;
    showMoves(movesOf(run, { opened, fits, ready }), run);
    showKept(this.keeper.kept, busy || this.#waiting > 0);
    showRun(run, model, opened);
    showStatus(run, {
      ready: source !== null,
      impossible: model === null,
      accuracy: this.#board.accuracy,
      opened,
      fits,
    });
  }
}
