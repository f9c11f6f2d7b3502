// What a file is, by its first bytes: names of files lie.
import { check } from '../base/errors.js';

export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP';

const READ: readonly (readonly [ImageFormat, RegExp])[] = [
  ['PNG', /^\x89PNG\r\n\x1a\n/],
  ['JPEG', /^\xff\xd8\xff/],
  ['WebP', /^RIFF[^]{4}WEBP/],
  ['GIF', /^GIF8[79]a/],
  ['BMP', /^BM/],
];

/** What else it may be, and what to do where another format would not help. */
const OTHERS: readonly (readonly [what: string, RegExp, todo?: string])[] = [
  ['a HEIC photo', /^[^]{4}ftyp(hei[cfmsvx]|hev[cmsx]|mif1|msf1)/],
  ['an AVIF', /^[^]{4}ftypavi[fs]/],
  ['a JPEG XL', /^(\xff\x0a|\0\0\0\x0cJXL )/],
  ['a JPEG 2000', /^(\0\0\0\x0cjP |\xff\x4f\xff\x51)/],
  ['a TIFF', /^(II[*+]\0|MM\0[*+])/],
  ['a Photoshop file', /^8BPS/],
  ['an icon', /^\0\0[\x01\x02]\0[^]\0/],
  ['a PDF', /^%PDF/],
  ['an SVG', /^(\xef\xbb\xbf)?\s*<(svg|\?xml)/],
  ['a web page', /^(\xef\xbb\xbf)?\s*<(!doctype|html)/i],
  ['a PNG whose line ends were changed on the way', /^\x89PNG/, 'copy it as binary'],
  ['a form (multipart/form-data)', /^--[-\w]{16,}/, 'take the file out of it'],
  ['base64', /^(data:image\/|iVBORw0KGgo|\/9j\/|UklGR|R0lGOD)/, 'decode it first'],
  ['a text', /^(\xef\xbb\xbf)?[\t\n\r -~]+$/],
];

function startOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}

export function formatOf(bytes: Uint8Array): ImageFormat | null {
  const start = startOf(bytes);
  return READ.find(([, pattern]) => pattern.test(start))?.[0] ?? null;
}

/** Throws where it is none that is read. `who` names the file. */
export function checkFormat(bytes: Uint8Array, who: string): ImageFormat {
  check(bytes.length > 0, `${who} is empty; give a PNG, JPEG, WebP, GIF or BMP picture`);
  const format = formatOf(bytes);
  check(
    format !== null,
    () => `${who} is not a PNG, JPEG, WebP, GIF or BMP picture but ${guessFormat(bytes, 'save it as one of these')}`,
  );
  return format;
}

/** For a refusal: what a file seems to be instead, and what to do, `usual` unless that would not help. */
export function guessFormat(bytes: Uint8Array, usual: string): string {
  const read = formatOf(bytes);
  if (read) return `a ${read}; ${usual}`;
  const start = startOf(bytes);
  const [what, , todo = usual] = OTHERS.find(([, pattern]) => pattern.test(start)) ?? ['something else'];
  return `${what}; ${todo}`;
}
