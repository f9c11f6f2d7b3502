// HTML as text. What is put into a template is escaped, unless it is HTML itself: no name from a file can become an element.
import { escaped } from '../../../understanding/svg.js';

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const made = parts.map((part) => {
    if (part instanceof Html) return part.text;
    if (Array.isArray(part)) return (part as readonly Html[]).map(({ text }) => text).join('');
    return escaped(String(part));
  });
  return new Html(texts.map((text, i) => text + (made[i] ?? '')).join(''));
}

export const nothing = html``;

export interface Column {
  readonly head: string;
  /** Default: a number, to the right. */
  readonly text?: boolean;
}

/** A table that scrolls by itself where it is wider than the page; each row begins with its head. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const kind = (column: number): Html => (columns[column]!.text ? html` class="text"` : nothing);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ head }, i) => html`<th scope="col" ${kind(i)}>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...cells]) =>
            html`<tr>
              <th scope="row" ${kind(0)}>${first!}</th>
              ${cells.map((cell, i) => html`<td${kind(i + 1)}>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div> `;
}

/** Names and what they are, in two columns. */
export function facts(caption: string, entries: readonly (readonly [name: string, value: string | Html])[]): Html {
  return table(
    caption,
    [
      { head: 'What', text: true },
      { head: 'Value', text: true },
    ],
    entries,
  );
}

/** A figure, and a few words below it. */
export type Tile = readonly [name: string, value: string, more: string];

/** The figures that a page begins with. */
export function tilesOf(tiles: readonly Tile[]): Html {
  return html`<dl class="tiles">
    ${tiles.map(
      ([name, value, more]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}<small>${more}</small></dd>
        </div> `,
    )}
  </dl>`;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Html;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --card: #f6f6f4; --ink: #1a1a1a; --quiet: #585858; --rule: #d4d4d0; --blue: #0072b2; --orange: #c65300; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #171717; --card: #232323; --ink: #ececec; --quiet: #b0b0b0; --rule: #464646; --blue: #56b4e9; --orange: #f0954a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 24px 16px 64px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 44px 0 8px; padding-top: 12px; border-top: 1px solid var(--rule); }
p { max-width: 46rem; margin: 8px 0 14px; }
.quiet, figcaption { color: var(--quiet); }
a { color: var(--blue); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 16px 0 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 0; }
.tiles div { background: var(--card); border-radius: 8px; padding: 10px 14px; }
.tiles dt { color: var(--quiet); font-size: .875rem; }
.tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--quiet); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; align-items: start; }
figure { margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 18px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: 4px; }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th.text, td.text { text-align: left; }
td.text { white-space: normal; overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 500; }
code { font: .85em "DejaVu Sans Mono", ui-monospace, monospace; overflow-wrap: anywhere; }
.matrix td { min-width: 2.6rem; border: 1px solid var(--rule); }
.matrix thead th { white-space: normal; max-width: 8rem; overflow-wrap: anywhere; vertical-align: bottom; }
.matrix .right { background: color-mix(in srgb, var(--blue) var(--share), transparent); }
.matrix .wrong { background: color-mix(in srgb, var(--orange) var(--share), transparent); }
.matrix .deep { color: var(--ground); }
.matrix .none { color: var(--quiet); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 236px), 1fr)); gap: 14px; }
.cards figure { background: var(--card); border-radius: 8px; padding: 10px; break-inside: avoid; }
.cards .images { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.cards img { width: 100%; height: auto; display: block; image-rendering: pixelated; border-radius: 3px; }
.cards figcaption { font-size: .85rem; padding-top: 6px; overflow-wrap: anywhere; }
.cards figcaption strong { color: var(--ink); display: block; }
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(56px, 1fr)); gap: 8px; max-width: 760px; padding: 0; list-style: none; }
.filters img { width: 100%; height: auto; display: block; image-rendering: pixelated; border: 1px solid var(--rule); }
.filters span { display: block; text-align: center; font-size: .75rem; color: var(--quiet); }
.chart { width: 100%; height: auto; display: block; }
.chart text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
.chart .over { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
.chart .title { font-weight: 600; font-size: 15px; }
.chart .grid { stroke: var(--rule); }
.chart .axis { stroke: var(--quiet); }
.chart .line { fill: none; stroke-width: 2.2; }
.chart .blue { stroke: var(--blue); }
.chart .orange { stroke: var(--orange); stroke-dasharray: 7 4; }
.chart .blue.mark { fill: var(--blue); }
.chart .orange.mark { fill: var(--ground); stroke-dasharray: none; stroke-width: 2; }
.chart .bar { fill: var(--blue); }
.chart .gap { fill: none; stroke: var(--orange); stroke-width: 1.6; stroke-dasharray: 4 3; }
.chart .pale { opacity: .35; }
.chart .ideal { stroke: var(--quiet); stroke-dasharray: 2 4; }
@media (max-width: 600px) {
  table { font-size: .82rem; }
  th, td { padding: 3px 5px; }
  .matrix td { min-width: 1.7rem; }
}
details { margin: 8px 0 18px; }
summary { cursor: pointer; color: var(--blue); padding: 6px 0; }
.model { overflow: auto; max-height: 80vh; border: 1px solid var(--rule); border-radius: 8px; }
.model svg { display: block; margin: 0 auto; }
@media print {
  :root { color-scheme: light; --ground: #ffffff; --card: #f6f6f4; --ink: #1a1a1a; --quiet: #585858; --rule: #d4d4d0; --blue: #0072b2; --orange: #c65300; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, summary { display: none; }
  .pair { grid-template-columns: 1fr 1fr; }
  h2 { break-after: avoid; }
  table, .pair figure { break-inside: avoid; }
  .scroll, .model { overflow: visible; max-height: none; border: 0; }
  .model svg { max-width: 100%; max-height: 24cm; }
}
`;

/** The whole page: one file without scripts, which may load nothing from anywhere. */
export function page(title: string, lead: Html, sections: readonly Section[]): string {
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${lead}
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ({ id, title: name, content }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${name}</h2>
                ${content}
              </section> `,
          )}
        </main>
      </body>
    </html> `;
  return body.text;
}
