// A reader of SVG and XHTML that is strict where it matters: every element is closed, every value quoted, nothing is left unescaped.
import * as assert from 'uvu/assert';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  /** Text of the element itself, without its children's. */
  text: string;
}

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name]!,
  );

/** Elements that HTML never closes. */
const empty = ['meta', 'br', 'hr', 'img', 'input', 'col', 'link'];

export function parse(document: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [, comment, tag, text] of document.matchAll(/(<!doctype html>|<!--[^]*?-->)|<([^>]*)>|([^<]+)/gi)) {
    if (comment !== undefined) continue;
    const inside = open.at(-1)!;
    if (text !== undefined) {
      if (inside.name !== 'style') assert.not.match(text, /&(?!(amp|lt|gt|quot|#39);)/);
      inside.text += unescaped(text);
    } else if (tag!.startsWith('/')) assert.is(open.pop()!.name, tag!.slice(1));
    else {
      const [, name, values, closed] = /^([\w-]+)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)$/.exec(tag!) ?? [];
      assert.ok(name, `<${tag}>`);
      const attributes = Object.fromEntries(
        [...values!.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key, value = '']) => [key!, unescaped(value)]),
      );
      const element: Element = { name: name!, attributes, children: [], text: '' };
      inside.children.push(element);
      if (closed === '' && !empty.includes(name!)) open.push(element);
    }
  }
  assert.equal(
    open.map(({ name }) => name),
    [''],
    'all closed',
  );
  return root;
}

/** All below, in the order of the document. */
export function descendants(element: Element, name?: string): Element[] {
  const all = element.children.flatMap((child) => [child, ...descendants(child)]);
  return name === undefined ? all : all.filter((each) => each.name === name);
}
