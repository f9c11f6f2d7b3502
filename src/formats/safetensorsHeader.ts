// The header of a safetensors file: a JSON object that names tensors, and may hold texts under __metadata__. It is read here and not by
// JSON.parse, which keeps the last of two equal names in silence, knows numbers that are no sizes, and makes of a hostile text many
// times its size. Whatever is not exactly such a header ends at its first character that does not fit, with nothing taken but what was read.
//
//   { "__metadata__": { "key": "text", … }, "name": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, … }

import { decodeUtf8 } from '../base/decodeUtf8.js';
import { METADATA } from './writeSafetensors.js';

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the one behind the last, counted from the end of the header. */
  readonly offsets: readonly number[];
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** `fail` throws, given what is wrong. */
export function parseHeader(bytes: Uint8Array, fail: (what: string) => never): SafetensorsHeader {
  const text = decodeUtf8(bytes);
  if (text === null) return fail('the header is no UTF-8');
  if (!text.startsWith('{')) fail("the header does not begin with '{'");
  return new HeaderReader(text, fail).header();
}

class HeaderReader {
  readonly #text: string;
  readonly #fail: (what: string) => never;
  #at = 0;

  constructor(text: string, fail: (what: string) => never) {
    this.#text = text;
    this.#fail = fail;
  }

  header(): SafetensorsHeader {
    const tensors = new Map<string, TensorEntry>();
    let metadata: Map<string, string> | undefined;
    this.#object((name) => {
      if (tensors.has(name) || (name === METADATA && metadata)) this.#fail(`the header has the name '${name}' twice`);
      if (name === METADATA) metadata = this.#texts();
      else tensors.set(name, this.#tensor(name));
    });
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('nothing more');
    return { tensors, metadata: metadata ?? new Map() };
  }

  #texts(): Map<string, string> {
    const texts = new Map<string, string>();
    this.#object((key) => {
      if (texts.has(key)) this.#fail(`the metadata has the name '${key}' twice`);
      texts.set(key, this.#string());
    });
    return texts;
  }

  #tensor(name: string): TensorEntry {
    const found: { dtype?: string; shape?: number[]; data_offsets?: number[] } = {};
    this.#object((key) => {
      if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets')
        return this.#fail(`tensor '${name}' has '${key}', not only dtype, shape and data_offsets`);
      if (found[key] !== undefined) this.#fail(`tensor '${name}' has '${key}' twice`);
      if (key === 'dtype') found.dtype = this.#string();
      else found[key] = this.#sizes();
    });
    const { dtype, shape, data_offsets: offsets } = found;
    if (dtype === undefined || shape === undefined || offsets === undefined)
      return this.#fail(`tensor '${name}' needs dtype, shape and data_offsets`);
    return { dtype, shape, offsets };
  }

  /** Calls `read` behind each name, to read what the name has. */
  #object(read: (name: string) => void): void {
    this.#list('{', '}', () => {
      const name = this.#string();
      this.#take(':');
      read(name);
    });
  }

  #sizes(): number[] {
    const sizes: number[] = [];
    this.#list('[', ']', () => sizes.push(this.#size()));
    return sizes;
  }

  #list(open: string, close: string, read: () => void): void {
    this.#take(open);
    this.#space();
    if (this.#text[this.#at] !== close) {
      read();
      for (this.#space(); this.#text[this.#at] !== close; this.#space()) {
        if (this.#text[this.#at] !== ',') this.#unexpected(`',' or '${close}'`);
        this.#at++;
        read();
      }
    }
    this.#at++;
  }

  /** A whole number as JSON writes it, without a sign, a point or an exponent. */
  #size(): number {
    this.#space();
    const digits = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y;
    digits.lastIndex = this.#at;
    const [found] = digits.exec(this.#text) ?? [];
    const size = Number(found);
    if (found === undefined || !Number.isSafeInteger(size)) return this.#unexpected('a whole number below 2^53');
    this.#at += found.length;
    return size;
  }

  #string(): string {
    this.#space();
    if (this.#text[this.#at] !== '"') this.#unexpected('a text');
    let end = this.#at;
    let escapes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) return this.#fail('the header ends within a text');
      for (escapes = 0; this.#text[end - 1 - escapes] === '\\';) escapes++;
    } while (escapes % 2 === 1);
    const quoted = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(quoted);
    } catch {
      return this.#fail(`the header holds ${quoted}, which is no JSON text`);
    }
  }

  #take(character: string): void {
    this.#space();
    if (this.#text[this.#at] !== character) this.#unexpected(`'${character}'`);
    this.#at++;
  }

  #space(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '?')) this.#at++;
  }

  #unexpected(expected: string): never {
    const found = this.#text[this.#at];
    return this.#fail(
      `character ${this.#at} of the header is ${found === undefined ? 'its end' : JSON.stringify(found)}, expected ${expected}`,
    );
  }
}
