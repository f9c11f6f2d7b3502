// What the page has to tell: failures in a box that stays, events for screen readers only.
import { WasmCnnError } from 'wasm-cnn';
import { find } from './element.js';

const box = find('message', HTMLElement);
const text = find('message-text', HTMLElement);
const status = find('status', HTMLElement);
const button = find('message-action', HTMLButtonElement);
find('message-close', HTMLButtonElement).addEventListener('click', clearMessage);
button.addEventListener('click', () => act());
let act = (): void => {};

export function clearMessage(): void {
  box.hidden = true;
  text.textContent = '';
}

/** Only this one: what it complains of is mended. */
export function withdrawMessage(sentence: string): void {
  if (text.textContent === asSentence(sentence)) clearMessage();
}

/** What can be done about it: a button's words, and what it does. */
export interface Action {
  readonly label: string;
  readonly act: () => void;
}

/** Shows a sentence until the next one, or until it is closed. */
export function showMessage(sentence: string, kind: 'error' | 'notice' = 'error', action: Action | null = null): void {
  box.dataset['kind'] = kind;
  box.hidden = false;
  text.textContent = asSentence(sentence);
  button.hidden = action === null;
  button.textContent = action?.label ?? '';
  act = () => {
    clearMessage();
    action?.act();
  };
}

/** With a full stop, and a capital unless it begins with a file's name: that keeps its case. */
function asSentence(text: string): string {
  const begun = /^[a-z]+[ ,']/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
  return begun + (/[.!?…]$/.test(text) ? '' : '.');
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
