// Which arguments of each kernel are addresses: those that assembly/ declares as usize.
import { readFileSync } from 'node:fs';

/** From build/test/pins/ back to the sources. */
const assembly = new URL('../../../assembly/', import.meta.url);

function read(): Map<string, boolean[]> {
  const files = ['core', 'more']
    .flatMap((index) => [...readFileSync(new URL(`${index}.ts`, assembly), 'utf8').matchAll(/from '\.\/(\w+)'/g)])
    .map(([, name]) => readFileSync(new URL(`${name}.ts`, assembly), 'utf8'));
  const declarations = files.flatMap((text) => [...text.matchAll(/export function (\w+)\(([^)]*)\)/g)]);
  return new Map(
    declarations.map(([, name, parameters]) => [
      name!,
      parameters!
        .split(',')
        .filter((parameter) => parameter.includes(':'))
        .map((parameter) => parameter.includes('usize')),
    ]),
  );
}

export const addressArguments: ReadonlyMap<string, readonly boolean[]> = read();
