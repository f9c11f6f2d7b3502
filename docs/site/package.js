// @ts-check
// What the package says of itself, which the site repeats.
import { readFileSync } from 'node:fs';

/**
 * @type {{
 *   description: string,
 *   exports: Record<string, string | { types: string }>,
 *   repository?: string | { url: string },
 * }}
 */
export const about = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const { repository } = about;
const url = typeof repository === 'string' ? repository : repository?.url;

/** Where a code host shows the sources; null before package.json names one, and then nothing links there. */
export const sourceAddress = url ? `${url.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main` : null;
