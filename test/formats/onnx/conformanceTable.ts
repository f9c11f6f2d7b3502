// What docs/formats.md says of the onnx package's tests; node build/test/formats/onnx/writeConformance.js writes it there.
import { isMeant, runTest, type Outcome } from './conformance.js';
import { readTests, type Suite } from './wheel.js';

export const BEGIN = "<!-- ONNX's tests, written by test/formats/onnx/writeConformance.ts -->";
export const END = "<!-- the end of ONNX's tests -->";

export async function conformance(): Promise<Map<Suite, readonly Outcome[]>> {
  const outcomes = new Map<Suite, Outcome[]>();
  for (const [suite, tests] of readTests(['node', 'pytorch-converted', 'light'])) {
    const all: Outcome[] = [];
    for (const each of tests) if (suite !== 'node' || isMeant(each)) all.push(await runTest(each));
    outcomes.set(suite, all);
  }
  return outcomes;
}

const short = (name: string): string => name.replace(/^(test|light)_/, '');

export function sectionOf(outcomes: ReadonlyMap<Suite, readonly Outcome[]>): string {
  const lines: string[] = [];
  for (const [suite, all] of outcomes) {
    const passed = all.filter(({ refusal }) => refusal === null);
    const refused = all.filter(({ refusal }) => refusal !== null);
    lines.push(`**${suite}**: ${passed.length} pass, ${refused.length} are refused.`, '');
    const reasons = new Map<string, string[]>();
    for (const { name, refusal } of refused) {
      const reason = reasonOf(refusal!);
      reasons.set(reason, [...(reasons.get(reason) ?? []), short(name)]);
    }
    lines.push(...folded('Tests that pass', [passed.map(({ name }) => short(name)).join(', ')]));
    if (refused.length > 0)
      lines.push(
        ...folded(
          'Tests that are refused, by reason',
          [...reasons].map(([reason, names]) => `- ${reason}: ${names.join(', ')}`),
        ),
      );
  }
  return `${BEGIN}\n\n${lines.join('\n')}\n${END}`.replaceAll('_', '\\_');
}

/** Lines that a page shows when asked. */
function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${title}</summary>`, '', ...lines, '', '</details>', ''];
}

/** The reason alone, without the node's name. */
function reasonOf(refusal: string): string {
  return refusal
    .replace(/^\d+ of its nodes? (has|have) no counterpart here: /, '')
    .replace(/; export it without$/, '')
    .replace(/ \('[^']*'( and \d+ more)?\)/, '');
}

export function sectionIn(page: string): string {
  return page.slice(page.indexOf(BEGIN), page.indexOf(END) + END.length);
}
