// What the package exports, read from the sources: name, kind, docstring. TypeScript 7 has no compiler API, and the sources have one form.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface Exported {
  /** 'layers/conv2d.ts:conv2d' */
  readonly id: string;
  readonly isType: boolean;
  /** What stands in its docstring; null without one. */
  readonly doc: string | null;
}

interface Exports {
  /** Each once, under the name that it is declared with. */
  readonly found: readonly Exported[];
  /** The names that they are exported under. */
  readonly names: ReadonlySet<string>;
  /** What they are declared in. */
  readonly files: ReadonlySet<string>;
}

/** All of the modules' exports. */
export function exportsOf(src: string, entries: readonly string[]): Exports {
  const byId = new Map<string, Exported>();
  const files = new Set<string>();
  const exported = new Set<string>();
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    if (!texts.has(file)) texts.set(file, readFileSync(file, 'utf8'));
    return texts.get(file)!;
  };
  const beside = (file: string, from: string): string => join(dirname(file), from.replace(/\.js$/, '.ts'));
  const declarationIn = (file: string, name: string): boolean => {
    const text = textOf(file);
    const match = new RegExp(
      `(?:/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n)?^(?:export )?(?:abstract |async |declare )*(function\\*?|class|const|let|interface|type) ${name}\\b`,
      'm',
    ).exec(text);
    if (!match) return false;
    files.add(file);
    const id = `${relative(src, file)}:${name}`;
    const isType = /^(interface|type)$/.test(match[2]!);
    const doc = match[1]?.replace(/^ *\* ?/gm, '').trim() || null;
    byId.set(id, { id, isType, doc });
    return true;
  };
  /** The declaration behind a name that a file exports. */
  const follow = (file: string, name: string): boolean => {
    if (declarationIn(file, name)) return true;
    for (const [, names, from] of textOf(file).matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm))
      for (const [own, local = own] of namesOf(names!)) if (local === name) return follow(beside(file, from!), own!);
    return [...textOf(file).matchAll(/^export \* from '([^']+)'/gm)].some(([, from]) =>
      follow(beside(file, from!), name),
    );
  };
  const all = (file: string): void => {
    const text = textOf(file);
    for (const [, names, from] of text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?/gm))
      for (const [own, name = own] of namesOf(names!))
        if (follow(from === undefined ? file : beside(file, from), own!)) exported.add(name!);
    for (const [, from] of text.matchAll(/^export \*(?: as \w+)? from '([^']+)'/gm)) all(beside(file, from!));
    for (const [, name] of text.matchAll(
      /^export (?:abstract |async )*(?:function\*?|class|const|interface|type) (\w+)/gm,
    ))
      if (declarationIn(file, name!)) exported.add(name!);
  };
  for (const entry of entries) all(join(src, entry));
  return { found: [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), names: exported, files };
}

/** 'type a as b, c' → [['a', 'b'], ['c']]. */
function namesOf(list: string): string[][] {
  return list
    .replaceAll(/\/\/.*/g, '')
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '')
    .map((name) => name.split(' as '));
}
