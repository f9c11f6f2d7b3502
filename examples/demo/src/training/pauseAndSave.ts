// Between two steps: holds fit while it is paused, and saves the model on request, paused or not.
// A file that is saved here is a checkpoint: fit resumes from it, bit-identically.
import type { Callbacks, TrainedModel } from 'wasm-cnn';

export interface SavedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A checkpoint's name is that of npm run train, which finds it so in a run's folder. */
export function saveNow(model: TrainedModel, facts: unknown): SavedFile {
  return {
    name: `${model.fitState ? 'checkpoint' : model.name}-${model.step}.safetensors`,
    bytes: model.save({ facts }),
  };
}

export class PauseAndSave {
  paused = false;
  #wake = (): void => {};
  #asked: { resolve: (file: SavedFile) => void; reject: (error: unknown) => void }[] = [];

  /** For fit; the last of its callbacks, so that all others have seen the step. `facts` go into the file. */
  callback(facts: unknown, onPause: () => void): Callbacks {
    let model: TrainedModel;
    return {
      onTrainBegin(trained) {
        model = trained;
      },
      onSavePoint: async () => {
        this.#answer(() => saveNow(model, facts));
        if (!this.paused) return;
        onPause();
        while (this.paused) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
          this.#answer(() => saveNow(model, facts));
        }
      },
    };
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#wake();
  }

  /** The file as of the end of the current step. */
  save(): Promise<SavedFile> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#wake();
    });
  }

  /** fit has ended: open requests are answered with what the model is now. */
  end(save: () => SavedFile): void {
    this.#answer(save);
  }

  #answer(save: () => SavedFile): void {
    for (const { resolve, reject } of this.#asked.splice(0)) {
      try {
        resolve(save());
      } catch (error) {
        reject(error);
      }
    }
  }
}
