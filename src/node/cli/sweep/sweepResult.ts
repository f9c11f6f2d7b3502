// The files of a sweep's result: the table, as CSV and as the bytes that have its SHA-256, the report, and the best model.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRows } from '../../../data/codecs/csv.js';
import { canonicalJson } from '../../../sweep/canonical.js';
import { check } from '../../../base/errors.js';
import { isRecord } from '../../../base/options.js';
import { differences, type Defined, type Plan, type Results } from '../../../sweep/plan.js';
import { BEST_LOST, isBestLost, type SweepResult } from '../../sweep/sweep.js';
import { codeOf, makeFolder, withFileErrors, writeFileAtomic } from '../../files/files.js';
import { BEST_FILE, checkFree, DEFINED_FILE } from '../runs.js';
import { formatSettings, namesIn } from './settingsText.js';
import { sweepReport } from './sweepReport.js';

const [CSV_FILE, TABLE_FILE, REPORT_FILE] = ['result.csv', 'table.jsonl', 'report.html'];
const SWEEP_FILES = [CSV_FILE, TABLE_FILE, REPORT_FILE, BEST_FILE];

/** Throws where the folder has another sweep's results, which would be lost or mixed with this one's; else it is this one's from now on. */
export async function claimFolder(folder: string, { definition, basis }: Defined): Promise<void> {
  const path = join(folder, DEFINED_FILE);
  const text = await withFileErrors('read', path, () =>
    readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }),
  );
  if (text !== null) {
    const differs = differencesFrom(text, { definition, basis });
    check(
      differs.length === 0,
      () =>
        `${folder} has the results of another sweep, which differs in ${differs.join(' and ')}; give --out another folder, and --checkpoints ${join(folder, 'checkpoints')} to keep the trials that both have`,
    );
    return;
  }
  await checkFree(folder, SWEEP_FILES, 'a sweep');
  await makeFolder(folder);
  await writeFileAtomic(path, `${JSON.stringify({ definition, basis }, null, 2)}\n`);
}

function differencesFrom(text: string, own: Defined): readonly string[] {
  try {
    const there: unknown = JSON.parse(text);
    if (isRecord(there) && isRecord(there['definition']) && isRecord(there['basis']))
      return differences(there as unknown as Defined, own);
  } catch {
    // As what is no definition.
  }
  return [DEFINED_FILE];
}

/** Writes result.csv, table.jsonl, report.html and best.safetensors into the folder, and prints the best settings. Throws where no trial has a score. `cure`: what helps where the best model is lost. */
export async function writeSweep(
  folder: string,
  plan: Plan,
  results: Results,
  result: SweepResult,
  cure: string,
): Promise<void> {
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
  await write(CSV_FILE, csv);
  await write(TABLE_FILE, rows.map((row) => `${canonicalJson(row)}\n`).join(''));
  await write(REPORT_FILE, sweepReport(plan, results, result));
  if (best) await write(BEST_FILE, best.model.save({ includeOptimizer: false, facts: best.facts }));
  else await rm(join(folder, BEST_FILE), { force: true });
  console.log(formatSettings(plan, result));
  console.log(`SHA-256 of the table (${rows.length} of ${plan.trials.length} trials): ${sha256}`);
  check(
    rows.length === 0 || rows.some(({ score }) => score !== null),
    `no trial of ${plan.name} has a score, all of them failed or diverged; correct the sweep file and give the sweep another name`,
  );
  if (isBestLost(result)) console.error(`${folder} has no ${BEST_FILE}: ${BEST_LOST}; ${cure}`);
}
