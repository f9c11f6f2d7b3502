// node .github/checkRelease.js v1.2.3: throws where package.json is not ready to be published under this tag.
import { readFileSync } from 'node:fs';

const { version, homepage, bugs, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const tag = process.argv[2];
const problems = [];
if (tag !== `v${version}`) problems.push(`the tag is ${tag} and package.json has version ${version}`);
for (const address of [homepage, bugs, repository.url])
  if (new URL(address.replace(/^git\+/, '')).hostname.endsWith('.example'))
    problems.push(`${address} is a placeholder; put the real host into package.json`);
if (!readFileSync('CHANGELOG.md', 'utf8').includes(`## ${version}\n`))
  problems.push(`CHANGELOG.md has no section "## ${version}" without "(unreleased)"`);
if (!readFileSync('CITATION.cff', 'utf8').includes(`version: ${version}\n`))
  problems.push(`CITATION.cff names another version than ${version}`);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
