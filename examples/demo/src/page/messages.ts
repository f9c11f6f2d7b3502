// What the page has to tell: failures in a box that stays, events for screen readers only.
import { WasmCnnError } from 'wasm-cnn';
import { find } from './element.js';

const box = find('message', HTMLElement);
const text = find('message-text', HTMLElement);
const status = find('status', HTMLElement);
find('message-close', HTMLButtonElement).addEventListener('click', clearMessage);

export function clearMessage(): void {
  box.hidden = true;
  text.textContent = '';
}

/** Shows a sentence until the next one, or until it is closed. */
export function showMessage(sentence: string, kind: 'error' | 'notice' = 'error'): void {
  box.dataset['kind'] = kind;
  box.hidden = false;
  text.textContent = sentence[0]!.toUpperCase() + sentence.slice(1) + (/[.!?…]$/.test(sentence) ? '' : '.');
}

/** The engine's own sentence; anything else is a mistake of this page, and the console has it whole. */
export function showError(error: unknown): void {
  if (!(error instanceof WasmCnnError)) console.error(error);
  showMessage(error instanceof Error ? error.message : String(error));
}

/** For those who hear the page. */
export function announce(sentence: string): void {
  status.textContent = sentence;
}

/** Runs what an event asks for, and shows what goes wrong. */
export function reporting(action: () => unknown): () => void {
  return () => void (async () => action())().catch(showError);
}
