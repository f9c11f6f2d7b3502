// From a layer's options of such names to what its weights are, and to the penalty on its output.
import { check } from '../base/errors.js';
import { checkOptions, describe, isRecord } from '../base/options.js';
import { nearestName } from '../base/nearest.js';
import type { Shape } from '../base/shape.js';
import { lowerActivityPenalty, type ActivityPenaltyNode } from '../compiler/ops/activityPenalty.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import type { VariableSpec } from '../graph/variable.js';
import { rules as registry, type Constraint, type Regularizer, type RuleConfig } from '../graph/weightRules.js';

/** Those of a folder, by the names that options take. */
type Makers<Rule> = Readonly<Record<string, (options?: never) => Rule>>;

const makers: { Regularizer?: Makers<Regularizer>; Constraint?: Makers<Constraint> } = {};

/** Makes those of a folder known. */
export function use(own: typeof makers): void {
  Object.assign(makers, own);
  Object.assign(registry, { names, extend });
}

/** What an option says; `isMade` recognizes what a function of the folder made. */
function read<Rule extends RuleConfig>(
  given: unknown,
  known: Makers<Rule> | undefined,
  isMade: (given: object) => boolean,
  kind: 'regularizer' | 'constraint',
  who: string,
): Rule {
  if (isRecord(given) && isMade(given)) return given as unknown as Rule;
  check(known !== undefined, () => `${who} needs ${kind}s of wasm-cnn; import { ${kind}s }`);
  const names = Object.keys(known);
  const saved = isRecord(given) && isRecord(given.config) ? given : null;
  const asked = saved ? saved.className : given;
  const bare = String(asked).toLowerCase().replaceAll('_', '');
  const name = typeof asked === 'string' ? names.find((each) => each.toLowerCase() === bare) : undefined;
  check(
    name !== undefined,
    () =>
      `${who} must be one of ${names.map((each) => `'${each}'`).join(', ')}, or what a function of ${kind}s makes, got ${describe(asked)}${typeof asked === 'string' ? `; did you mean '${nearestName(asked, names)}'?` : ''}`,
  );
  const made = known[name]!;
  return saved ? made(saved.config as never) : made(...((name === 'l1l2' ? [{ l1: 0.01, l2: 0.01 }] : []) as []));
}

/** Throws at an option that is none of `defaults`; those left out filled in. */
export function withDefaults<Options extends object>(given: unknown, defaults: Options, who: string): Options {
  checkOptions(given, Object.keys(defaults), who);
  return { ...defaults, ...(given as Options) };
}

interface Layer {
  readonly kind: string;
  readonly options: object;
  variables(inputs: readonly Shape[]): readonly VariableSpec[];
  getConfig(): Record<string, unknown>;
  activity?(graph: GraphBuilder, y: Value, layer: string): Value;
}

/** A weight that has an initializer may have rules, too. */
function names(known: readonly string[]): readonly string[] {
  const weights = String(known).match(/\b(?!moving)\w+(?=Initializer)/g) ?? [];
  return [
    ...['Regularizer', 'Constraint'].flatMap((rule) => weights.map((weight) => weight + rule)),
    'activityRegularizer',
  ];
}

function extend(layer: Layer): Layer {
  const { kind } = layer;
  const options = layer.options as Record<string, unknown>;
  const rules: Record<string, Regularizer | Constraint> = {};
  for (const name of Object.keys(options).filter((each) => /(Regularizer|Constraint)$/.test(each)))
    if (options[name] != null)
      rules[name] = name.endsWith('Regularizer')
        ? read(options[name], makers.Regularizer, (rule) => 'addSlopes' in rule, 'regularizer', `${kind}'s ${name}`)
        : read(options[name], makers.Constraint, (rule) => 'apply' in rule, 'constraint', `${kind}'s ${name}`);
  if (Object.keys(rules).length === 0) return layer;
  const { activityRegularizer } = rules as Record<string, Regularizer>;
  return {
    ...layer,
    variables: (inputs) =>
      layer.variables(inputs).map((spec) => {
        const weight = spec.name.replace(/Kernel$/, '');
        const regularizer = rules[`${weight}Regularizer`] as Regularizer | undefined;
        const constraint = rules[`${weight}Constraint`] as Constraint | undefined;
        constraint?.checkShape(spec.shape, `${kind}'s ${weight}Constraint`);
        return { ...spec, ...(regularizer && { regularizer }), ...(constraint && { constraint }) };
      }),
    getConfig: () => ({
      ...layer.getConfig(),
      ...Object.fromEntries(
        Object.entries(rules).map(([name, { className, config }]) => [name, { className, config }]),
      ),
    }),
    ...(activityRegularizer && {
      activity: (graph: GraphBuilder, y: Value, name: string) =>
        graph.add<ActivityPenaltyNode>({
          ...{ kind: 'activityPenalty', lowerings: [lowerActivityPenalty], layer: name, inputs: [y], output: [] },
          ...{ variables: [], l1: activityRegularizer.l1, l2: activityRegularizer.l2 },
        }),
    }),
  };
}
