// @ts-check
// The API reference: a page of Markdown for each module that package.json exports, and for each namespace in one, out of the sources' docstrings.
// TypeDoc needs TypeScript's compiler API, which TypeScript 7 does not have: it takes the TypeScript 6 of this folder.
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { about, sourceAddress } from './package.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The sources of the modules, each once: one is exported under two names. */
const entryPoints = [
  ...new Set(
    Object.values(about.exports).flatMap((where) =>
      typeof where === 'string' ? [] : [where.types.replace('./build/', root).replace(/\.d\.ts$/, '.ts')],
    ),
  ),
];

/** What a class or an interface has from another that the reference shows is described there, once. @param {import('typedoc').ProjectReflection} project */
function removeInherited(project) {
  const owners = project.getReflectionsByKind(ReflectionKind.ClassOrInterface).filter((owner) => owner.isDeclaration());
  for (const owner of owners)
    for (const parent of owner.extendedTypes ?? []) {
      const described = parent.type === 'reference' ? parent.reflection?.comment?.summary : undefined;
      if (described && JSON.stringify(described) === JSON.stringify(owner.comment?.summary)) delete owner.comment;
    }
  // All are found first: one that is removed takes the way to what it comes from with it.
  const inherited = owners.flatMap(({ children = [] }) => children.filter((child) => child.inheritedFrom?.reflection));
  for (const member of inherited) project.removeReflection(member);
}

/** @param {string} out */
export async function writeReference(out) {
  /** @type {Record<string, unknown>} */
  const options = {
    plugin: ['typedoc-plugin-markdown'],
    entryPoints,
    tsconfig: `${root}tsconfig.json`,
    basePath: root,
    name: 'API reference',
    readme: 'none',
    outputs: [{ name: 'markdown', path: out }],
    router: 'module',
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    // Its count of headings of one name is not always that of the site.
    useHTMLAnchors: true,
    groupOrder: ['Modules', 'Namespaces', 'Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases', '*'],
    useCodeBlocks: true,
    // Examples as those of the guides: in lines that need no breaking.
    formatWithPrettier: true,
    prettierConfigFile: `${root}.prettierrc.json`,
    sanitizeComments: true,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideOverrides: true },
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    excludeExternals: true,
    disableGit: true,
    ...(sourceAddress === null
      ? { disableSources: true }
      : { sourceLinkTemplate: `${sourceAddress}/{path}#L{line}`, gitRevision: 'main' }),
    // The package's own compiler has checked the types.
    skipErrorChecking: true,
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
  };
  const app = await Application.bootstrapWithPlugins(options);
  // After what is inherited is known, and before members are grouped (-100).
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => removeInherited(project), -50);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources');
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('the docstrings need the mends above');
}
