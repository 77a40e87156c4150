/** Where the program keeps what it can make again: outside of every project, by the rules of the XDG base directories. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder of one kind of things. A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification 0.8). */
export function cacheFolder(kind: string, { XDG_CACHE_HOME: set = '' }: NodeJS.ProcessEnv): string {
  const base = isAbsolute(set) ? set : join(homedir(), '.cache');
  return join(base, 'ghostbound', kind);
}
