// Whether things may move by themselves: the system's wish, and a button that stops all motion here.
import { find } from './element.js';

const reduced = matchMedia('(prefers-reduced-motion: reduce)');
const button = find('motion', HTMLButtonElement);
const listeners: (() => void)[] = [];
let stopped = remembered();

export function wantsStillness(): boolean {
  return stopped || reduced.matches;
}

export function onStillnessChange(action: () => void): void {
  listeners.push(action);
}

/** Resolves when things may move; at once if they may now. */
export async function motion(): Promise<void> {
  while (wantsStillness()) await new Promise<void>((resolve) => onStillnessChange(resolve));
}

function remembered(): boolean {
  try {
    return localStorage.getItem('motion') === 'stopped';
  } catch {
    return false;
  }
}

function show(): void {
  // Where the system wants it still, there is nothing to stop.
  button.hidden = reduced.matches;
  button.textContent = stopped ? 'Resume motion' : 'Pause motion';
  document.documentElement.classList.toggle('still', wantsStillness());
  for (const listener of listeners.splice(0)) listener();
}

button.addEventListener('click', () => {
  stopped = !stopped;
  try {
    localStorage.setItem('motion', stopped ? 'stopped' : 'free');
  } catch {
    // It holds for this page only.
  }
  show();
});
reduced.addEventListener('change', show);
show();
