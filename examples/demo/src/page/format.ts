// How the page puts things into words.

/** 8 → 'an 8' */
export function aDigit(digit: number): string {
  return `${digit === 8 ? 'an' : 'a'} ${digit}`;
}

/** 0.9876 → '98.8 %'; what is not quite everything never reads as everything. */
export function formatShare(share: number): string {
  if (share > 0.9995 && share < 1) return '>99.9 %';
  return `${(100 * share).toFixed(1)} %`;
}

/** 225034 → '225,034', whatever the host's language: the page is in English. */
export function formatCount(n: number): string {
  return n.toLocaleString('en');
}
