// What a person must know of a run that is not quite as usual.
import { showMessage } from '../page/messages.js';

export function tellOfPageThread(): void {
  showMessage(
    "the training thread's script could not be loaded (is the page offline?), so training runs on the page's own thread: the bits are the same, but the page is slower; reload it once you are online",
    'notice',
  );
}

export function tellOfCallbacks(unknown: readonly string[]): void {
  if (unknown.length > 0)
    showMessage(
      `the checkpoint has the callbacks ${unknown.join(', ')}, which this page does not know; their states are kept, but they do nothing here`,
      'notice',
    );
}
