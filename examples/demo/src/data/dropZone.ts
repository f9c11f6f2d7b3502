// The whole page takes files and folders.
import { find } from '../page/element.js';
import { fromFiles, fromTransfer, type Dropped } from './dropped.js';

export function takeDrops(onDropped: (dropped: Dropped) => void): void {
  const cover = find('drop-cover', HTMLElement);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  let depth = 0;
  const leave = (): void => {
    depth = 0;
    cover.hidden = true;
  };
  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth++;
    cover.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (hasFiles(event) && --depth <= 0) leave();
  });
  addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    leave();
    onDropped(fromTransfer(event.dataTransfer!));
  });
}

/** A picture from the clipboard, say of a screen. */
export function takePasted(onDropped: (dropped: Dropped) => void): void {
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onDropped(fromFiles(files));
  });
}

/** A file input; the same file may be chosen twice. */
export function takeChosen(input: HTMLInputElement, onDropped: (dropped: Dropped) => void): void {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) onDropped(fromFiles(files));
  });
}
