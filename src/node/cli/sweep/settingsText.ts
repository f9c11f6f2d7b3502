// Settings of a sweep as text.
import { formatTable } from '../../../base/table.js';
import type { Plan } from '../../../sweep/plan.js';
import type { SettingSummary, SweepTable } from '../../../sweep/table.js';

/** Settings that the terminal shows at most, the best first. */
const SHOWN = 20;

/** The hyperparameters that differ between trials, then those that do not. */
export function namesIn({ trials }: Plan): readonly string[] {
  const all = [...new Set(trials.flatMap(({ config }) => Object.keys(config)))];
  const varies = (name: string): boolean => new Set(trials.map(({ config }) => config[name])).size > 1;
  return [...all.filter(varies), ...all.filter((name) => !varies(name))];
}

/** The best settings, with the spread of their trials. */
export function formatSettings(plan: Plan, { settings }: SweepTable): string {
  const names = namesIn(plan).filter((name) => settings.some(({ config }) => name in config));
  const table = formatTable(
    ['', ...names, 'epochs', 'trials', plan.metric],
    settings
      .slice(0, SHOWN)
      .map((setting, i) => [
        String(i + 1),
        ...names.map((name) => String(setting.config[name])),
        String(setting.until),
        String(setting.trials),
        formatScore(setting),
      ]),
    [],
  );
  return settings.length <= SHOWN ? table : `${table}\n(${settings.length - SHOWN} more in result.csv)`;
}

/** '0.9812 ± 0.0021', the mean with the standard deviation of the trials. */
export function formatScore({ mean, deviation }: SettingSummary): string {
  if (mean === null) return 'diverged or failed';
  return deviation === null ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
}
