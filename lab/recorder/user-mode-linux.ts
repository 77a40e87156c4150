/**
 * User-mode Linux with time travel (Documentation/virt/uml, arch/um/kernel/time.c): a Linux that is a process, in which time passes only
 * while nothing has anything to do. No program and no timer is ever late in it, and minutes of silence take none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';

/** The ticks that there may be a kernel for. */
export const kernelTicks = [100, 250, 1000] as const;

export type KernelTick = (typeof kernelTicks)[number];

/** Debian's package of the sources, and the version of Linux in it. */
export const KERNEL_VERSION = '6.12';

/** Where kernels are kept once they are built: in the cache, or where GHOSTBOUND_KERNELS says. */
export function kernelFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['GHOSTBOUND_KERNELS'] ?? cacheFolder('user-mode-linux', environment);
}

/** The executable of a kernel with this tick; whether it is there is another question. */
export function kernelImage(hz: KernelTick, folder = kernelFolder()): string {
  return join(folder, `linux-${KERNEL_VERSION}-hz${hz}`);
}

/** Why there is no kernel of this tick to record with, in a sentence; undefined where there is. */
export function missingForUserMode(hz: KernelTick): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `user-mode Linux runs on Linux on x86-64, this is ${process.platform} on ${process.arch}`;
  }
  if (existsSync(kernelImage(hz))) return undefined;
  return `no user-mode Linux of HZ ${hz} is built; in the repository: npm run user-mode-linux -- --hz ${hz}`;
}

/** Memory of its machine: enough for the defaults of tcp_rmem and tcp_wmem that a server has (tcp_init). */
const MEMORY = '2G';

/**
 * Runs a program as the only process of such a machine, which sees the files of this one, read-only.
 *
 * @returns what went wrong, with what the kernel printed; undefined where nothing did
 */
export function runInUserMode(
  hz: KernelTick,
  program: readonly [path: string, ...args: string[]],
): string | undefined {
  const [path, ...args] = program;
  const { status, signal, stdout, stderr, error } = spawnSync(
    kernelImage(hz),
    [
      `mem=${MEMORY}`,
      'root=/dev/root',
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      'time-travel=inf-cpu',
      'con=null',
      'con0=null,fd:1',
      `init=${path}`,
      '--',
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (error === undefined && status === 0) return undefined;
  const printed = `${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n');
  return `user-mode Linux ended with ${error?.message ?? signal ?? status}:\n${printed}`;
}

/** The version in the kernel's own sources, such as 6.12.117; the package's where they are gone. */
export function kernelRelease(hz: KernelTick): string {
  const note = `${kernelImage(hz)}.release`;
  return existsSync(note) ? readFileSync(note, 'utf8').trim() : KERNEL_VERSION;
}
