// Text of SVG and HTML.

/** For text and for attributes in double quotes. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  // What XML does not allow at all, escaped or not, would spoil the whole picture.
  return text
    .replace(/[&<>"']/g, (found) => entities[found]!)
    .replace(/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, '\ufffd');
}

/** A number rounded to a tenth of a pixel. */
export function rounded(value: number): string {
  return String(Math.round(10 * value) / 10);
}
