// What a person does with the experiment: choose data and a network, train, save, open, undo. board.ts shows it.
import { WasmCnnError, type Model } from 'wasm-cnn';
import { prepareDigitAsync } from 'wasm-cnn/data';
import { decodeImage, drawingOf, imageToInput, type Picture } from 'wasm-cnn/images';
import { drawnCountFor, type RunFacts } from 'wasm-cnn/recipes';
import { Board } from './board.js';
import { parseChoices, writeAddress } from './choices.js';
import { DataFiles } from './data/dataFiles.js';
import { kindOf, type Dropped } from './data/dropped.js';
import { checkForPage, isBuiltin, type Source } from './data/source.js';
import { Experiment, numbered } from './experiment.js';
import { buildModel, designOf, fitted, type Design } from './network/design.js';
import { digitsForm } from './network/form.js';
import { buildFitting, inPageWords } from './network/problem.js';
import { announce, clearMessage, showError, showMessage } from './page/messages.js';
import { formatCount, formatShare } from './page/format.js';
import { say } from './page/subject.js';
import type { Autosave } from './saved/autosave.js';
import { Keeper } from './saved/keeper.js';
import { readSettings, showSettings, suggestEpochs } from './settingsFields.js';
import { dataFor, openedSentence, openModel, type Opened } from './training/opened.js';
import { saveNow } from './training/pauseAndSave.js';
import { factsOf, Run, splitSource, type RunState } from './training/run.js';
import { compileFor } from './training/settings.js';
import type { Snapshot } from './training/snapshot.js';
import { showReading, showSource } from './views/dataText.js';
import { movesOf, showMoves, type Move } from './views/toolbar.js';
import { showKept } from './views/keptLine.js';
import { tellOfCallbacks, tellOfPageThread } from './views/runNotices.js';
import { showStatus } from './views/statusLine.js';
import { download, showOpened, showRun } from './views/download.js';

/** Images for which an untried network's memory is planned before there are data. */
const USUAL_COUNT = 11000;
/** A page that dies costs at most this much of a run. */
const AUTOSAVE_MS = 3000;
/** A picture's file; a photograph of 48 megapixels has 30 MB. */
const MOST_PICTURE_BYTES = 2 ** 28;
/** What a sentence on a broken picture ends in, for programs: the page has a button for it. */
const SKIP_BROKEN = /, or leave it out with skipBroken .*$/;

export class App {
  readonly keeper = new Keeper();
  readonly #now = new Experiment();
  readonly board = new Board(numbered(digitsForm), {
    onDesign: (design) => this.setDesign(design),
    onRefused: showMessage,
    onNews: () => this.#showButtons(),
  });
  readonly #files = new DataFiles();
  /** The last data that came from files. */
  #fromFiles: Source | null = null;
  /** Data or a run are on their way: nothing else may begin. */
  #waiting = 0;

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

  /** A network for other images or classes gives way to one that fits, unless `keepNetwork` says that it waits for data of its own. */
  setSource(source: Source, { keepNetwork = false } = {}): void {
    const now = this.#now;
    if (now.busy)
      throw new WasmCnnError(`${source.name}: a run is under way, and its data cannot change; stop it first`);
    checkForPage(source);
    const suits = now.isFor(source);
    if (!suits && !keepNetwork) {
      this.keeper.keep(now);
      now.run = now.opened = this.keeper.checkpoint = null;
    }
    now.source = source;
    if (!isBuiltin(source)) this.#fromFiles = source;
    if (!suits && !keepNetwork) {
      suggestEpochs(source);
      this.setDesign(now.design);
    }
    this.board.setSubject(now.subject);
    this.board.setSource(source);
    if (now.opened) showOpened(openedSentence(now.opened, source));
    this.#showButtons();
    this.#noted();
    void this.keeper.saveData(source);
  }

  /** The files that were chosen last, again. */
  setFiles(): void {
    if (this.#fromFiles) this.setSource(this.#fromFiles);
  }

  /** Data first, then a model, then a picture for it to read. */
  async take({ folders, files }: Dropped): Promise<void> {
    const kinds = await Promise.all(files.map(kindOf));
    const ofKind = (kind: (typeof kinds)[number]): File[] => files.filter((_, i) => kinds[i] === kind);
    const [models, data, pictures] = [ofKind('model'), ofKind('data'), ofKind('picture')];
    const [first] = [...models, ...data];
    const asked = folders.length > 0 ? 'the folder' : first?.name;
    if (asked !== undefined && this.#now.busy)
      throw new WasmCnnError(`${asked}: a run is under way; stop it before you open something else`);
    // Digits may still be drawn, or other files read.
    while (asked !== undefined && this.#waiting > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    // A CSV may name pictures in a folder beside it.
    if (folders.length > 0) await this.#openData({ folders, files: [...data, ...pictures] });
    else if (data.length > 0) await this.#openData({ folders, files: data });
    for (const file of models) await this.#openFile(new Uint8Array(await file.arrayBuffer()), file.name);
    const picture = pictures.at(-1);
    if (folders.length > 0 || !picture) return;
    await this.#readPicture(picture);
    if (pictures.length > 1)
      showMessage(`one picture is read at a time: of these ${pictures.length}, it is ${picture.name}`, 'notice');
  }

  async #openData(dropped: Dropped, skipBroken = false): Promise<void> {
    clearMessage();
    try {
      const source = await this.waitFor(() => this.#files.open(dropped, { onProgress: showReading, skipBroken }));
      this.setSource(source);
      const [left] = source.skipped ?? [];
      if (left)
        showMessage(
          `${formatCount(source.skipped!.length)} broken picture${source.skipped!.length > 1 ? 's were' : ' was'} left out; the first: ${left}`,
          'notice',
        );
    } catch (error) {
      if (this.#now.source) showSource(this.#now.source);
      const isOfOne = error instanceof WasmCnnError && SKIP_BROKEN.test(error.message);
      if (!isOfOne) throw error;
      showMessage(error.message.replace(SKIP_BROKEN, ''), 'error', {
        label: 'Leave broken ones out',
        act: () => void this.#openData(dropped, true).catch(showError),
      });
    }
  }

  #openFile(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
    return this.#open(openModel(bytes, name, 'file'));
  }

  /** As the network takes pictures: its file says how, or else its data do. */
  async #readPicture(file: File): Promise<void> {
    const { name } = file;
    if (file.size > MOST_PICTURE_BYTES)
      throw new WasmCnnError(
        `${name}: holds ${file.size} bytes, more than the ${MOST_PICTURE_BYTES} that are read; choose a smaller picture`,
      );
    const picture = await decodeImage(new Uint8Array(await file.arrayBuffer()), { who: name });
    const { areDigits, input } = this.#now.subject;
    if (areDigits) {
      const { image, notes, doubts } = await prepareDigitAsync(drawingOf(picture));
      const data = image as Picture['data'];
      const seen: Picture = { data, height: 28, width: 28, channels: 1 };
      return this.board.showOwn(picture, seen, `${name}: ${notes.join(', ')}`, doubts);
    }
    const [height, width] = input.imageSize;
    const channels = { grayscale: 1, rgb: 3, rgba: 4 } as const;
    const seen = { data: imageToInput(picture, input), height, width, channels: channels[input.colorMode] };
    this.board.showOwn(picture, seen, `${name}, ${picture.width} × ${picture.height} pixels`);
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
      const settings = readSettings(now.source);
      const model = buildFitting(fitted(design, now.form), now.form, settings.seed);
      compileFor(model, settings, now.source?.train.y.length ?? USUAL_COUNT);
      now.design = { ...designOf(model), name: design.name };
      this.#setModel(model);
    } catch (error) {
      if (!(error instanceof WasmCnnError)) console.error(error);
      now.model = null;
      this.board.setSubject(now.subject);
      this.board.setImpossible(design, now.form, inPageWords((error as Error).message));
    }
    this.board.showCurves(null);
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
    this.board.setSubject(this.#now.subject);
    this.board.setModel(this.#now.design, model, this.#now.run);
  }

  // ---- run

  async move(move: Move): Promise<void> {
    const now = this.#now;
    if (move === 'pause') return now.run?.pause();
    if (move === 'resume') return now.run?.resume();
    if (move === 'stop') return now.run?.stop();
    if (!now.source || !now.model || !now.suits || now.busy || this.#waiting > 0) return;
    if (move === 'continue') return this.#start(now.opened!.model, now.opened!.facts, { resume: true });
    const settings = readSettings(now.source);
    this.keeper.keep(now);
    const further = move === 'further';
    const model = further ? now.model : buildModel(fitted(now.design, now.form), now.form, settings.seed);
    const drawnCount = drawnCountFor(now.source.sha256);
    const split = splitSource(now.source, model.seed, drawnCount);
    const facts = factsOf(now.source, settings, drawnCount, split.train.y.length);
    compileFor(model, settings, facts.dataset.trainCount);
    now.beyondLink = further;
    await this.#start(model, facts, { resume: false, split });
  }

  async #start(
    model: Model,
    facts: RunFacts | undefined,
    { resume, split }: { resume: boolean; split?: ReturnType<typeof splitSource> },
  ): Promise<void> {
    const now = this.#now;
    clearMessage();
    const curves = resume ? (now.opened?.curves ?? null) : null;
    const run = await this.waitFor(() =>
      Run.prepare({
        model,
        source: now.source!,
        ...(split && { split }),
        facts,
        resume,
        curves,
        onStep: () => this.board.stepMade(),
        onPageThread: tellOfPageThread,
        onState: (state) => this.#onState(run, state),
      }),
    );
    now.run = run;
    now.opened = this.keeper.checkpoint = null;
    showOpened(null);
    this.#setModel(model);
    this.board.showCurves(run.progress.curves);
    tellOfCallbacks(run.unknownCallbacks);
    await run.train();
  }

  #onState(run: Run, state: RunState): void {
    this.board.lock(run);
    if (!run.isActive) this.#takeInterrupted(run);
    this.#showButtons();
    if (state === 'running') return;
    this.autosave();
    void this.board
      .showRest(run)
      .then(() => {
        if (state === 'finished' || state === 'stopped')
          announce(
            `Training ${state === 'finished' ? 'is finished' : 'was stopped'}: ${formatShare(this.board.accuracy)} of the test ${say('digits', 'images')} right.`,
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
    this.board.showCurves(opened.curves);
    this.#setModel(opened.model);
    if (opened.facts && now.source && (opened.underWay ? !now.fits : !now.suits)) {
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
    const { model, source, run, opened, fits, suits, subject, busy } = this.#now;
    const ready = model !== null && source !== null && suits && this.#waiting === 0;
    showMoves(movesOf(run, { opened, fits, ready }), run);
    showKept(this.keeper.kept, busy || this.#waiting > 0);
    showRun(run, model, opened);
    showStatus(run, {
      ready: source !== null,
      impossible: model === null,
      accuracy: this.board.accuracy,
      opened,
      fits,
      subject,
    });
  }
}
