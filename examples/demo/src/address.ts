// The choices stand in the page's address, so that a link shows somebody else the same experiment: one seed, one result.

export interface Choices {
  /** Training images among the built-in digits. */
  readonly images: string;
  readonly network: string;
  readonly epochs: string;
  readonly rate: string;
  readonly seed: string;
}

export function readAddress(): Partial<Choices> {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** Leaves out what is as usual; nothing is loaded anew. */
export function writeAddress(choices: Choices, usual: Choices): void {
  const query = new URLSearchParams(Object.entries(choices).filter(([name, value]) => value !== usual[name as keyof Choices])).toString();
  history.replaceState(null, '', `${location.pathname}${query && `?${query}`}${location.hash}`);
}
