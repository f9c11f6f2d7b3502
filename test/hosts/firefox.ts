// Firefox, driven through Marionette.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { asCallback, startProgram, valueOf, type BrowserKind } from './browser.js';
import { PATIENCE_MS } from './host.js';
import { connectMarionette } from './marionette.js';

const program = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);

/**
 * Not through WebDriver BiDi: while such a session is open, even a bare one, Firefox 153 hangs in one of some thirty trainings where a
 * worker starts a second worker. Without one it did not in five hundred.
 */
export const firefox: BrowserKind = {
  name: 'Firefox',
  shares: true,
  isPresent: () => program !== undefined,
  async start() {
    const profile = temporaryFolder();
    writeFileSync(join(profile, 'user.js'), 'user_pref("marionette.port", 0);');
    const browser = startProgram(program!, ['--headless', '--no-remote', '--marionette', '--profile', profile]);
    const marionette = await connectMarionette(profile, PATIENCE_MS / 2);
    const { capabilities } = await marionette.send('WebDriver:NewSession', {});
    await marionette.send('WebDriver:SetTimeouts', { script: PATIENCE_MS });
    return {
      version: capabilities.browserVersion,
      async visit(address, promise) {
        await marionette.send('WebDriver:Navigate', { url: address });
        return valueOf(
          (await marionette.send('WebDriver:ExecuteAsyncScript', { script: asCallback(promise), args: [] })).value,
        );
      },
      async close() {
        await marionette.send('Marionette:Quit', { flags: ['eForceQuit'] });
        await browser.ended;
      },
      kill: () => browser.end('SIGKILL'),
    };
  },
};
