/** Runs the compiled command line as a user does: another process, arguments in, streams out. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The compiled program; built once before all tests. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Colours are off, whatever the machine says. */
const environment = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs to the end. */
export function ghostbound(args: readonly string[], cwd?: string): Ended {
  const done = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
    ...(cwd !== undefined && { cwd }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Starts and returns at once. */
export function startGhostbound(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { env: environment });
}
