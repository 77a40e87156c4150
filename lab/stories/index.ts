/** Stories on the real kernel: a real server under a policy, real clients, a wire that is cut. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

export { unplayable } from './acts.ts';
export { playStory, type LabLives } from './play.ts';
export { jiffiesNow as kernelTick, recordingOf } from './recording.ts';

const FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Why no story can be played on this machine, in a sentence; undefined where they can. */
export function missingForStories(): string | undefined {
  if (process.platform !== 'linux') {
    return `the lab needs the kernel of Linux, and this is ${process.platform}`;
  }
  if (process.getuid?.() !== 0) return 'the lab makes network namespaces, and needs root for that';
  for (const tool of ['ip', 'sysctl']) {
    if (FOLDERS.some((folder) => existsSync(`${folder}/${tool}`))) continue;
    return `the lab needs the program ${tool} (Debian: apt-get install iproute2 procps)`;
  }
  if (!existsSync('/dev/net/tun')) return 'the lab needs /dev/net/tun, and this kernel has none';
  for (const name of ['ws', 'koffi']) {
    try {
      createRequire(import.meta.url).resolve(name);
    } catch {
      return `the lab needs the package ${name}; add it with: npm install ${name}`;
    }
  }
  return undefined;
}
