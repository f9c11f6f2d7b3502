// What all commands share: options, one sentence for an error, the exit code.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { check, WasmCnnError } from '../../base/errors.js';
import { unknown } from '../../base/nearest.js';
import { availableCores } from '../threads/cores.js';
import { enableWideVectors, hasWideVectors, type Vectors } from '../threads/wideVectors.js';
import { commandLine } from '../commandLine.js';
import { exists } from '../files/files.js';
import { Interrupted } from './interrupt.js';
import { colored } from './color.js';
import { guardOutput } from './output.js';
import { refusedMemory } from './refusedMemory.js';

/** A command, 'train', say; an unknown option is answered with the nearest real one. */
export function command(name: string, description: string): Command {
  return new Command(commandLine(name, '').trim())
    .usage('[options]')
    .description(description)
    .option('--debug', 'show the stack of an error')
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

/** The width of vectors, for commands that run a network; see useVectors(). `usual`: what it is where nothing is asked. */
export function vectorsOption(usual = '256 where there is'): Option {
  return new Option(
    '--vectors <bits>',
    `of the kernels; 256 is faster, bit-identical, and is an experiment of V8 in Node 22 and later (default: ${usual})`,
  ).choices(['128', '256']);
}

export function threadsOption(): Option {
  return new Option('--threads <n>', 'threads; results are bit-identical for any number')
    .argParser(whole(1))
    .default(availableCores());
}

/** For commands that read pictures; see run(). */
export function cacheOption(): Option {
  return new Option(
    '--no-cache',
    "decode pictures anew, where their pixels are otherwise kept in this user's cache folder (WASM_CNN_CACHE names another folder, or is 'off')",
  );
}

export const MODEL_HELP =
  'a model.safetensors or the folder it is in, or a model of Keras, TensorFlow.js, ONNX or PyTorch (default: the newest in runs/)';

/** For commands that try a model, which may be named without an option; modelAsked() has its name. */
export function withModel(program: Command): Command {
  return program
    .usage('[model] [options]')
    .argument('[model]', MODEL_HELP)
    .option('--model <file>', 'the same')
    .addOption(architectureOption());
}

export function modelAsked({ args: [named] }: Command, model: string | undefined): string | undefined {
  check(
    named === undefined || model === undefined,
    () => `the model is ${named} and, with --model, ${model}; name one of them`,
  );
  return named ?? model;
}

/** For commands that take a model. */
export function architectureOption(): Option {
  return new Option(
    '--architecture <name>',
    "what network a state dict of PyTorch is of, such as 'torchvision/resnet18' (docs/formats.md)",
  );
}

type AskedVectors = '128' | '256' | undefined;

/** Throws where --vectors asks for what this host has not. */
export function checkVectors(asked: AskedVectors, found = hasWideVectors()): void {
  check(
    asked !== '256' || found,
    '--vectors is 256, which takes an official Node 22 or later on an x64 processor with AVX2; leave it out',
  );
}

/** Gives the width that the kernels will have. */
export function useVectors(asked: AskedVectors): Vectors {
  const vectors = asked === '128' ? 128 : enableWideVectors();
  checkVectors(asked, vectors === 256);
  return vectors;
}

/** Parses a whole number of at least `minimum`. */
export function whole(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
    return value;
  };
}

/** Parses '96' or '96x128', height first. */
export function imageSize(text: string): readonly [height: number, width: number] {
  const [, height, width = height] = /^(\d{1,5})(?:[x×](\d{1,5}))?$/.exec(text) ?? [];
  if (!(Number(height) >= 1 && Number(width) >= 1 && Number(height) <= 16384 && Number(width) <= 16384))
    throw new InvalidArgumentError('It must be a size such as 96 or 96x128, height first, of at most 16384.');
  return [Number(height), Number(width)];
}

/** Parses a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Parses a share that may be left out: at least 0, below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It must be a number of at least 0 and below 1.');
  return value;
}

/** Throws where a file has this name, or a folder: what is there may be the only copy. */
export async function checkNew(out: string): Promise<void> {
  check(
    !(await exists(out)),
    `${out} is there already, and is not overwritten; name another place with --out, or move it away`,
  );
}

/** Throws where an option was given that does nothing beside another one. Keys of `useless` are options, values those without effect there. */
export function checkUseless(program: Command, useless: Readonly<Record<string, readonly string[]>>): void {
  const given = program.options
    .filter((option) => program.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long!);
  for (const [beside, without] of Object.entries(useless)) {
    const found = given.includes(beside) ? without.find((option) => given.includes(option)) : undefined;
    check(found === undefined, () => `${found} has no effect with ${beside}; leave one of them out`);
  }
}

/** Milliseconds in which a stopped command may end by itself. */
const GRACE_MS = 1000;

/**
 * Parses the command line and runs the command. An expected error is its sentence and exit code 1, or 129, 130 and 143 after a signal; any
 * other shows its stack. `result`: where the command's result goes. Text that is lost is a failure, a log is not.
 */
export async function run<Options>(
  program: Command,
  action: (options: Options) => Promise<void>,
  result: 'text' | 'files' = 'text',
): Promise<void> {
  guardOutput(() => {
    if (result === 'text') process.exitCode = 1;
  });
  try {
    program.parse();
    if (program.opts()['cache'] === false) process.env['WASM_CNN_CACHE'] = 'off';
    await action(program.opts() as Options);
  } catch (thrown) {
    const error = refusedMemory(thrown);
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const expected = error instanceof WasmCnnError || error instanceof CommanderError;
    console.error(expected && !program.opts().debug ? colored('red', sentence(error, program), process.stderr) : error);
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
    // All is written by now. What still waits, for a server that never answers or a thread, is not to keep a stopped process alive.
    if (error instanceof Interrupted) setTimeout(() => process.exit(), GRACE_MS).unref();
  }
}

/** What commander says of an option's argument. */
const INVALID = /^option '(--[\w-]+).*' argument '(.*)' is invalid\. (It must be|Allowed choices are) (.*)\.$/;

/** commander's "error: unknown option '--epoch'\n(Did you mean --epochs?)" on one line. */
function sentence(error: Error, program: Command): string {
  const { message } = error;
  const text = message
    .replace(/^error: /, '')
    .replace('\n(Did', ' (did')
    .replaceAll('\n', ' ')
    .replace(INVALID, (_, option: string, got: string, which: string, needed: string) =>
      [option, 'must be', ...(which.startsWith('A') ? ['one of'] : []), `${needed}, got '${got}'`].join(' '),
    );
  const { code } = error as Partial<CommanderError>;
  const isOfArgument = code === 'commander.missingArgument' || code === 'commander.invalidArgument';
  const wrong = isOfArgument ? wrongChoice(program) : null;
  if (wrong !== null) return wrong;
  if (code === 'commander.missingArgument' || code === 'commander.missingMandatoryOptionValue')
    return `${text}; ${usage(program)}`;
  if (code === 'commander.excessArguments') {
    const extra = program.args[program.registeredArguments.length]!;
    const names = /\.(safetensors|keras|h5|onnx|pt|pth)$/i.test(extra) ? ['--model'] : ['--data', '--image', '--model'];
    const named = names.filter((name) => program.options.some(({ long }) => long === name));
    const todo = named.length > 0 ? `write ${named.map((name) => `${name} ${extra}`).join(' or ')}` : 'leave it out';
    return `'${extra}' belongs to no option; ${todo}`;
  }
  const suggests = message.includes('\n');
  if (code === 'commander.unknownOption' && !suggests) {
    const [argument] = program.registeredArguments;
    if (argument && message.includes(`'--model'`)) return `${text}; write the ${argument.name()} without it`;
    const meant = program.options.find(({ long }) => message.includes(`'--${initials(long!)}'`));
    return `${text}${meant ? ` (did you mean ${meant.long}?)` : '; --help lists them'}`;
  }
  return text;
}

/** 'usage: npm run export -- [model] --to <format> [options]', and what needed ones may be. */
function usage(program: Command): string {
  const all = [
    ...program.registeredArguments.map((each) => ({
      needed: each.required,
      name: each.name(),
      choices: each.argChoices,
    })),
    ...program.options.map((each) => ({ needed: each.mandatory, name: each.long, choices: each.argChoices })),
  ];
  const choices = all.flatMap(({ needed, name, choices }) =>
    needed && choices ? `; ${name} is one of ${choices.join(', ')}` : [],
  );
  return `usage: ${program.name()} ${program.usage()}${choices.join('')}`;
}

/** An argument that is none of its choices, as with 'sweep runn'; commander misses the next one first. */
function wrongChoice({ registeredArguments, args }: Command): string | null {
  const wrong = registeredArguments.findIndex(
    ({ argChoices }, i) => argChoices !== undefined && args[i] !== undefined && !argChoices.includes(args[i]),
  );
  if (wrong === -1) return null;
  const choices = registeredArguments[wrong]!.argChoices!;
  return `there is no ${unknown(args[wrong], choices)}; there is ${choices.join(', ')}`;
}

/** --learning-rate: 'lr'. */
function initials(option: string): string | undefined {
  return option.match(/(?<=-)\w/g)?.join('');
}
