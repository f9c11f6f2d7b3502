// The experiment as it stands: data, network, run; and what a link or a file holds of it. app.ts changes it.
import type { Model } from 'wasm-cnn';
import type { RunFacts } from 'wasm-cnn/recipes';
import { linkOf, searchOf } from './choices.js';
import { formOf, haveSameNames, inputOf, isBuiltin, subjectOf, type Source, type Subject } from './data/source.js';
import { presets, type Design } from './network/design.js';
import { digitsForm, formOfModel, isSameForm, type Form } from './network/form.js';
import { readSettings } from './settingsFields.js';
import { fitsData, type Opened } from './training/opened.js';
import type { Run } from './training/run.js';
import type { Snapshot } from './training/snapshot.js';

export class Experiment {
  source: Source | null = null;
  design: Design = presets.reference;
  /** Null: the design cannot be built. */
  model: Model | null = null;
  run: Run | null = null;
  /** A model that came from a file, from before a reload, or from a run that was stopped, as long as nothing was trained since. */
  opened: Opened | null = null;
  /** Weights that no link makes: from a file, or trained further. */
  beyondLink = false;

  get busy(): boolean {
    return this.run?.isActive ?? false;
  }

  /** Whether this network has learned something. */
  get trained(): boolean {
    return this.run !== null || this.opened !== null;
  }

  /** Whether the opened checkpoint can resume on the current data. */
  get fits(): boolean {
    return this.opened === null || this.source === null || fitsData(this.opened, this.source);
  }

  /** The form of the data, or that of the built-in digits before there are any. */
  get form(): Form {
    return this.source ? formOf(this.source) : digitsForm;
  }

  /** Whether the network is for images and classes like those of the data. */
  get suits(): boolean {
    return this.source === null || this.isFor(this.source);
  }

  /** The same for any data. Where nothing says what the network's classes are called, their number decides. */
  isFor(source: Source): boolean {
    const form = this.model ? formOfModel(this.model) : this.form;
    const learned = this.opened ? this.opened.subject : this.run && subjectOf(this.run.source);
    return isSameForm(form, formOf(source)) && (!learned || haveSameNames(learned, subjectOf(source)));
  }

  /** What the network's classes are called, and how it takes pictures: as its file says, or as the data. */
  get subject(): Subject {
    if (this.opened?.subject) return this.opened.subject;
    if (this.source && this.suits) return subjectOf(this.source);
    return numbered(this.model ? formOfModel(this.model) : this.form);
  }

  /** As in the page's address. */
  get search(): string {
    return searchOf(this.design, this.source);
  }

  /** The address, and what it gives to those who open it. */
  link(): { url: string; note: string } {
    return linkOf(this.design, this.source, this.beyondLink || !this.#linkMakesWeights());
  }

  /** Whether fields and data are still those that the weights come from. */
  #linkMakesWeights(): boolean {
    const facts: RunFacts | undefined = this.opened?.facts ?? this.run?.facts;
    if (!facts) return true;
    const now = readSettings(this.source);
    return (
      (['epochs', 'learningRate', 'seed'] as const).every((name) => facts.settings[name] === now[name]) &&
      facts.dataset.sha256 === (this.source?.sha256 ?? null)
    );
  }

  /** Consistent between any two tasks of the page, as a step's results all come in one. */
  snapshot(): Snapshot {
    const { run, opened, source } = this;
    const bytes = opened?.bytes ?? run?.snapshot() ?? null;
    return {
      bytes,
      step: this.model?.step ?? 0,
      underWay: bytes !== null && (opened?.underWay ?? (this.model?.fitState ?? null) !== null),
      search: this.search,
      dataset: source && !isBuiltin(source) ? source.sha256 : null,
      beyondLink: this.beyondLink,
      curves: run?.progress.curves ?? opened?.curves ?? null,
      savedAt: Date.now(),
    };
  }
}

/** Classes without names; before there are data, those of the built-in digits. */
export function numbered({ inputShape, classes }: Form): Subject {
  const areDigits = isSameForm({ inputShape, classes }, digitsForm);
  return { names: Array.from({ length: classes }, (_, label) => String(label)), input: inputOf(inputShape), areDigits };
}
