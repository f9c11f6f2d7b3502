// npm run test:hosts: the same training in every host that is present; exits with 1 where one gives other bits.
import { hosts } from './hosts.js';
import { report, type HostResult } from './report.js';
import { trainings } from './training.js';

const results: HostResult[] = [];
const absent: string[] = [];
for (const { name, flags, isPresent, findVersion, train } of hosts) {
  if (!isPresent()) {
    absent.push(name);
    continue;
  }
  console.error(`Training in ${name} …`);
  const version = await findVersion().catch(() => '?');
  for (const flag of flags) {
    const trained = await train(trainings, flag).catch((error: Error) => error);
    results.push({ host: name, version, flag, trained });
  }
}
const { text, passed, failed } = report(results);
console.log(text);
if (absent.length > 0) console.log(`Not present: ${absent.join(', ')}; npm ci --prefix test/hosts brings those that there are for this machine`);
console.log(`${passed} trainings gave the same bits, ${failed} failed, ${absent.length} hosts not present`);
process.exitCode = failed > 0 ? 1 : 0;
