// What the page speaks of: digits, or images of whatever classes there are.
import type { Subject } from '../data/source.js';
import { aDigit } from './format.js';

let areDigits = true;

/** All of the page's own words follow: index.html has those for digits, and those for images beside them. */
export function setSubject(subject: Subject): void {
  if (areDigits === subject.areDigits) return;
  areDigits = subject.areDigits;
  document.body.dataset['subject'] = areDigits ? 'digits' : 'images';
  for (const element of document.querySelectorAll<HTMLElement>('[data-images]')) {
    const { images } = element.dataset;
    element.dataset['images'] = element.textContent;
    element.textContent = images!;
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-images-label]')) {
    const { imagesLabel } = element.dataset;
    element.dataset['imagesLabel'] = element.ariaLabel!;
    element.ariaLabel = imagesLabel!;
  }
  document.title = say('A network learns to read, in this tab', 'A network learns to see, in this tab');
}

export function say(forDigits: string, forImages: string): string {
  return areDigits ? forDigits : forImages;
}

/** One of a class: 'an 8', 'cats'. */
export function aOne({ names, areDigits }: Subject, label: number): string {
  return areDigits ? aDigit(label) : names[label]!;
}

/** How far above guessing a share of right answers is: 0 for chance, 1 for all. */
export function skillOf(accuracy: number, { names }: Subject): number {
  const chance = 1 / names.length;
  return (accuracy - chance) / (1 - chance);
}
