/** Where experiments are recorded: user-mode Linux, or namespaces of this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelTick, missingForStories } from '../stories/index.ts';
import { programFile } from '../stories/processes.ts';
import type { ExperimentOrder, RecordedKernel, RecorderOrder } from './order.ts';
import {
  kernelRelease,
  missingForUserMode,
  runInUserMode,
  type KernelTick,
} from './user-mode-linux.ts';

/** A kernel to record on. */
export interface Recorder {
  readonly kernel: RecordedKernel;
  /** No program and no timer is ever late. */
  readonly virtualTime: boolean;
  /**
   * Plays experiments and hands over each recording as text. Their files are names only: nothing else is written.
   *
   * @throws Error where the machine fails
   */
  record(experiments: readonly ExperimentOrder[]): readonly string[];
}

/** Runs the recording program; what went wrong, or undefined. */
type Run = (program: readonly [string, ...string[]]) => string | undefined;

function recordWith(
  run: Run,
  hz: number,
  virtualTime: boolean,
  experiments: readonly ExperimentOrder[],
) {
  const folder = mkdtempSync(join(tmpdir(), 'ghostbound-record-'));
  try {
    const placed = experiments.map((one, index) => ({
      ...one,
      file: join(folder, `${index}.json`),
    }));
    const order: RecorderOrder = { folder, hz, virtualTime, experiments: placed };
    const orderFile = join(folder, 'order');
    writeFileSync(orderFile, JSON.stringify(order));
    const wrong = run([process.execPath, programFile('record'), orderFile]);
    const failed = join(folder, 'failed');
    if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'));
    const missing = placed.find(({ file }) => !existsSync(file));
    if (missing !== undefined) throw new Error(wrong ?? `nothing was recorded of ${missing.name}`);
    return placed.map(({ file }) => readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What Linux takes where nobody has chosen (CONFIG_DEFAULT_TCP_CONG). */
const LINUX_DEFAULT = 'cubic';

function userMode(hz: KernelTick): Recorder {
  const kernel = { release: kernelRelease(hz), hz, congestionControl: LINUX_DEFAULT };
  const run: Run = (program) => runInUserMode(hz, program);
  return {
    kernel,
    virtualTime: true,
    record: (experiments) => recordWith(run, hz, true, experiments),
  };
}

function namespaces(hz: KernelTick): Recorder {
  const chosen = '/proc/sys/net/ipv4/tcp_congestion_control';
  const congestionControl = readFileSync(chosen, 'utf8').trim();
  const run: Run = ([command, ...args]) => {
    const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
    if (error === undefined && status === 0) return undefined;
    return `the recording program ended with ${error?.message ?? status}`;
  };
  return {
    kernel: { release: release(), hz, congestionControl },
    virtualTime: false,
    record: (experiments) => recordWith(run, hz, false, experiments),
  };
}

/** Why this machine's own kernel cannot be recorded with this tick; undefined where it can. */
function missingForNamespaces(hz: KernelTick | undefined): string | undefined {
  const missing = missingForStories();
  if (missing !== undefined) return missing;
  const own = kernelTick()?.hz;
  if (own === undefined) return '/proc/timer_list does not tell the tick of this kernel';
  if (hz === undefined || hz === own) return undefined;
  return `the kernel of this machine has HZ ${own}, not ${hz}`;
}

/** What stands in the way of a recording. */
interface NoRecorder {
  /** Each way that was tried, and what it lacks. */
  readonly missing: readonly string[];
}

/**
 * User-mode Linux where there is one with this tick, else this machine's own kernel, or the one that is asked for.
 *
 * @param hz undefined = 1000 in user mode, this machine's own otherwise
 */
export function recorderOf(
  hz: KernelTick | undefined,
  wanted: 'user-mode' | 'namespaces' | undefined,
): Recorder | NoRecorder {
  const missing: string[] = [];
  if (wanted !== 'namespaces') {
    const lacks = missingForUserMode(hz ?? 1000);
    if (lacks === undefined) return userMode(hz ?? 1000);
    missing.push(lacks);
  }
  if (wanted !== 'user-mode') {
    const lacks = missingForNamespaces(hz);
    if (lacks === undefined) return namespaces(hz ?? kernelTick()?.hz ?? 250);
    missing.push(lacks);
  }
  return { missing };
}
