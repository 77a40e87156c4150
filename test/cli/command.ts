/**
 * Runs command lines. In this process, with the program's own sources: what a command does. As a user does, the compiled program in
 * a process of its own: what only a process has, and that the two are one.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { endOf } from '../../cli/ended.ts';
import { captured } from './support.ts';

/** The compiled program; built once before all tests. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Colours are off, whatever the machine says. */
const environment = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs to the end in this process, with streams that are no terminals. */
export async function ghostbound(args: readonly string[]): Promise<Ended> {
  const { terminal, out, err } = captured({ stderrColumns: Infinity });
  const code = await endOf(args, terminal);
  return { code, out: out(), err: err() };
}

/** Plays shares of a comparison, each into a file of the folder: their paths. */
export async function played(
  args: readonly string[],
  shares: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const share of shares) {
    const path = join(folder, `share-${share.replace('/', '-of-')}.json`);
    const ended = await ghostbound([...args, '--shard', share, '--out', path, '--quiet']);
    expect(ended).toEqual({ code: 0, out: '', err: '' });
    paths.push(path);
  }
  return paths;
}

/** Runs the compiled program to the end. */
export function compiled(args: readonly string[], cwd?: string): Ended {
  const done = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
    ...(cwd !== undefined && { cwd }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}
