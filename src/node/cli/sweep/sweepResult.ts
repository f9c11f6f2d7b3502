// The files of a sweep's result: the table, as CSV and as the bytes that have its SHA-256, the report, and the best model.
import { join } from 'node:path';
import { formatRows } from '../../../data/codecs/csv.js';
import { canonicalJson } from '../../../sweep/canonical.js';
import type { Plan, Results } from '../../../sweep/plan.js';
import type { SweepResult } from '../../sweep/sweep.js';
import { makeFolder, writeFileAtomic } from '../../files/files.js';
import { formatSettings, namesIn } from './settingsText.js';
import { sweepReport } from './sweepReport.js';

/** Writes result.csv, table.jsonl, report.html and best.safetensors into the folder, and prints the best settings. */
export async function writeSweep(folder: string, plan: Plan, results: Results, result: SweepResult): Promise<void> {
  const { rows, sha256, best } = result;
  const names = namesIn(plan);
  await makeFolder(folder);
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    const path = join(folder, name);
    await writeFileAtomic(path, content);
    console.log(`Wrote ${path}`);
  };
  const csv = formatRows(
    [...names, ...(plan.folds === null ? [] : ['fold']), 'status', plan.metric, 'epochs', 'weightsSha256'],
    rows.map(({ config, fold, status, score, epochs, weightsSha256 }) => [
      ...names.map((name) => config[name]),
      ...(plan.folds === null ? [] : [fold]),
      status,
      score,
      epochs,
      weightsSha256,
    ]),
  );
  await write('result.csv', csv);
  await write('table.jsonl', rows.map((row) => `${canonicalJson(row)}\n`).join(''));
  await write('report.html', sweepReport(plan, results, result));
  if (best) await write('best.safetensors', best.model.save({ includeOptimizer: false, facts: best.facts }));
  console.log(formatSettings(plan, result));
  console.log(`SHA-256 of the table (${rows.length} of ${plan.trials.length} trials): ${sha256}`);
}
