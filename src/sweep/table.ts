// The result of a sweep: a row a trial, and the settings from the best on. Times, hosts and moves stand elsewhere: the table has one SHA-256.
import { sha256Of } from '../base/sha256.js';
import { encodeUtf8 } from '../base/utf8.js';
import { canonicalJson } from './canonical.js';
import { lastResultOf, type Plan, type Results, type TrialResult } from './plan.js';
import type { Config } from './space.js';

/** Result of one trial. */
export interface TableRow extends Pick<TrialResult, 'status' | 'score' | 'epochs' | 'weightsSha256'> {
  readonly config: Config;
  readonly fold: number | null;
  /** Why it failed; no part of the SHA-256. */
  readonly reason?: string;
}

/** One setting over all of its seeds and folds. */
export interface SettingSummary {
  readonly setting: number;
  readonly config: Config;
  /** Trials of it, with other seeds and folds. */
  readonly trials: number;
  /** The epochs after which it was last compared. */
  readonly until: number;
  /** Mean of the scores; null where a trial has none. */
  readonly mean: number | null;
  /** Sample standard deviation of the scores; null for one trial. */
  readonly deviation: number | null;
}

/** Results of all trials. */
export interface SweepTable {
  readonly rows: readonly TableRow[];
  /** Best first: those that stayed longest, by their mean. */
  readonly settings: readonly SettingSummary[];
  /** SHA-256 of the rows. */
  readonly sha256: string;
}

/** What the trials have led to so far; a row has the last of a trial's results. */
export async function tableOf(plan: Plan, results: Results): Promise<SweepTable> {
  const rows: TableRow[] = [];
  const lines: string[] = [];
  const bySetting = new Map<number, { rows: TableRow[]; until: number }>();
  for (const { id, setting, config, fold } of plan.trials) {
    const last = lastResultOf(plan, results, id);
    if (!last) continue;
    const { until, result } = last;
    const { status, score, epochs, weightsSha256, reason } = result;
    const hashed = { config, fold, status, score, epochs, weightsSha256 };
    const row = { ...hashed, ...(reason !== undefined && { reason }) };
    lines.push(`${canonicalJson(hashed)}\n`);
    rows.push(row);
    const of = bySetting.get(setting);
    bySetting.set(setting, { rows: [...(of?.rows ?? []), row], until: Math.max(until, of?.until ?? 0) });
  }
  const settings = [...bySetting].map(([setting, { rows, until }]) => summaryOf(plan, setting, rows, until));
  const [sign, worst] = plan.mode === 'max' ? [-1, -Infinity] : [1, Infinity];
  settings.sort(
    (a, b) => b.until - a.until || sign * compare(a.mean ?? worst, b.mean ?? worst) || a.setting - b.setting,
  );
  const sha256 = await sha256Of([encodeUtf8(lines.join(''))]);
  return { rows, settings, sha256: sha256! };
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function summaryOf(plan: Plan, setting: number, rows: readonly TableRow[], until: number): SettingSummary {
  const scores = rows.flatMap(({ score }) => (score === null ? [] : [score]));
  const mean = scores.length === rows.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null;
  const deviation =
    mean === null || scores.length < 2
      ? null
      : Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) * (score - mean), 0) / (scores.length - 1));
  return {
    setting,
    config: plan.settings[setting]!,
    trials: rows.length,
    until,
    mean,
    deviation,
  };
}
