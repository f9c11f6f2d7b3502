// WebKitGTK's little browser, driven over WebDriver; it has no headless mode, so a virtual screen stands in.
import { existsSync, readdirSync } from 'node:fs';
import { asCallback, driver, hasDriver, startProgram, valueOf, type Answer, type BrowserKind } from './browser.js';
import { PATIENCE_MS } from './host.js';
import { freePort, whenServed } from './pageServer.js';

interface Selenium {
  readonly Builder: new () => SeleniumBuilder;
}
interface SeleniumBuilder {
  usingServer(address: string): SeleniumBuilder;
  withCapabilities(capabilities: object): SeleniumBuilder;
  build(): Promise<SeleniumDriver>;
}
interface SeleniumDriver {
  getCapabilities(): Promise<{ getBrowserVersion(): string }>;
  manage(): { setTimeouts(milliseconds: { script: number }): Promise<void> };
  get(address: string): Promise<void>;
  executeAsyncScript(script: string): Promise<Answer>;
  quit(): Promise<void>;
}

/** /usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser */
function findMiniBrowser(): string | undefined {
  const folders = (folder: string): string[] =>
    existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [];
  const found = folders('/usr/lib')
    .filter((folder) => folder.endsWith('-linux-gnu'))
    .flatMap(folders)
    .filter((folder) => /\/webkit2?gtk-[\d.]+$/.test(folder));
  return found
    .map((folder) => `${folder}/MiniBrowser`)
    .filter(existsSync)
    .sort()
    .at(-1);
}

function webKit(name: string, shares: boolean, env: NodeJS.ProcessEnv): BrowserKind {
  return {
    name,
    shares,
    isPresent: () =>
      ['/usr/bin/WebKitWebDriver', '/usr/bin/xvfb-run'].every(existsSync) &&
      findMiniBrowser() !== undefined &&
      hasDriver('selenium-webdriver'),
    async start() {
      const { Builder } = driver('selenium-webdriver') as Selenium;
      const port = await freePort();
      const server = startProgram('xvfb-run', ['--auto-servernum', 'WebKitWebDriver', `--port=${port}`], env);
      const address = `http://127.0.0.1:${port}`;
      await whenServed(`${address}/status`, 'WebKitWebDriver');
      const options = { binary: findMiniBrowser(), args: ['--automation'] };
      const session = await new Builder()
        .usingServer(address)
        .withCapabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options })
        .build();
      await session.manage().setTimeouts({ script: PATIENCE_MS });
      return {
        version: (await session.getCapabilities()).getBrowserVersion(),
        async visit(to, promise) {
          await session.get(to);
          return valueOf(await session.executeAsyncScript(asCallback(promise)));
        },
        async close() {
          await session.quit();
          server.end('SIGTERM');
          await server.ended;
        },
        kill: () => server.end('SIGKILL'),
      };
    },
  };
}

/** WebKitGTK 2.50 hides SharedArrayBuffer from isolated pages, too, where Safari shows it; this variable brings it. */
export const webKits: readonly BrowserKind[] = [
  webKit('WebKitGTK', false, {}),
  webKit('WebKitGTK, SharedArrayBuffer on', true, { JSC_useSharedArrayBuffer: '1' }),
];
