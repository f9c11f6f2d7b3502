// A group of many buttons as one stop of the Tab key; the arrow keys go from one to the next.

/** To be called again with `refresh` when the buttons are other ones. */
export function oneTabStop(group: HTMLElement): { refresh: () => void } {
  const buttons = (): HTMLButtonElement[] => [...group.querySelectorAll('button')].filter(({ disabled }) => !disabled);
  const stopAt = (chosen: HTMLButtonElement | undefined): void => {
    for (const button of buttons()) button.tabIndex = button === chosen ? 0 : -1;
  };
  const refresh = (): void =>
    stopAt(buttons().find((button) => button === document.activeElement || button.tabIndex === 0) ?? buttons()[0]);
  group.addEventListener('focusin', ({ target }) => target instanceof HTMLButtonElement && stopAt(target));
  group.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = at < 0 ? undefined : all[nextOf(event.key, at, all)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  return { refresh };
}

/** -1 for keys that mean nothing here. Up and down go by rows, as they are on the screen. */
function nextOf(key: string, at: number, all: readonly HTMLElement[]): number {
  const top = all[0]!.offsetTop;
  const columns = Math.max(1, all.filter(({ offsetTop }) => offsetTop === top).length);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  if (step !== undefined) return at + step;
  return key === 'Home' ? 0 : key === 'End' ? all.length - 1 : -1;
}
