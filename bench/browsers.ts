// The browsers that the bench knows: where Debian has them, and what opens a page in one with a profile of its own.
import { existsSync } from 'node:fs';

export interface BrowserKind {
  readonly programs: readonly string[];
  command(program: string, profile: string, address: string): [string, ...string[]];
}

const XVFB = '/usr/bin/xvfb-run';

export const BROWSERS: Readonly<Record<string, BrowserKind>> = {
  Chromium: {
    programs: ['/usr/bin/chromium', '/usr/bin/google-chrome'],
    // Root has no sandbox, and without a GPU Chromium draws WebGL in software only where it may.
    command: (program, profile, address) => [
      program,
      '--headless',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-swiftshader',
      `--user-data-dir=${profile}`,
      address,
    ],
  },
  Firefox: {
    programs: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    command: (program, profile, address) => {
      const { DISPLAY, WAYLAND_DISPLAY } = process.env;
      const page: [string, ...string[]] = [program, '--no-remote', '--profile', profile, address];
      if (DISPLAY || WAYLAND_DISPLAY) return page;
      // Without a display it has no WebGL.
      return existsSync(XVFB) ? [XVFB, '--auto-servernum', ...page] : [...page, '--headless'];
    },
  },
};
