// Where programs of this user keep what can be had again.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export function userCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  // One that is relative is to be ignored: https://specifications.freedesktop.org/basedir-spec
  return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
}
