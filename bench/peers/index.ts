/**
 * Lives per second of processor time beside what others would write for the same story (story.ts): one process each, played in turn, round
 * after round, so that a busy neighbour is everybody's. That they are the same lives is checked before anything is timed.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Answered, Asked } from './child.ts';
import type { Life } from './story.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Where packages are found from. */
const BUILT = fileURLToPath(
  new URL('../../node_modules/.cache/ghostbound-bench/', import.meta.url),
);

const CHECKED = 300;
const US_PER_S = 1e6;

interface Peer {
  readonly name: string;
  /** Lives of a round: some tenths of a second. */
  readonly lives: number;
  /** How far from the same life its decisions may be: its timers know milliseconds. */
  readonly withinUs: number;
  /** Plays; null where there is no compiler. */
  readonly play: (asked: Asked) => Promise<Answered>;
  readonly end: () => void;
}

/** What a peer came to: lives per second of processor time, and how many times as many Ghostbound played, each as median, least and most of the rounds. */
export interface Beside {
  readonly name: string;
  readonly livesPerS: Spread;
  readonly timesAsMany: Spread;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const NODE_PEERS = [
  ['ghostbound', 'Ghostbound', 10_000, 0],
  ['actors', 'xstate actors', 1_000, 0],
  ['objects', 'objects and a queue of a library', 20_000, 0],
  ['typed', 'typed arrays', 100_000, 0],
  ['fake-timers', 'ws on fake timers', 300, 1_000],
] as const;

function nodePeer([key, name, lives, withinUs]: (typeof NODE_PEERS)[number]): Peer {
  const child = fork(`${BUILT}child.js`, [key], { execArgv: [] });
  return {
    name,
    lives,
    withinUs,
    play: async (asked) => {
      child.send(asked);
      return (await told(child)) as Answered;
    },
    end: () => child.kill(),
  };
}

async function told(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [unknown];
  return message;
}

/** The one written in C; null where nobody can compile it. */
function peerInC(): Peer | null {
  const program = `${BUILT}story`;
  const compiled = spawnSync('cc', ['-O3', '-o', program, `${HERE}story.c`], { encoding: 'utf8' });
  if (compiled.error !== undefined) return null;
  if (compiled.status !== 0) throw new Error(compiled.stderr);
  return {
    name: 'C -O3',
    lives: 300_000,
    withinUs: 0,
    play: async ({ first, lives, list }) => {
      const words = [String(first), String(lives), ...(list ? ['list'] : [])];
      const { stdout } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 24 });
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
      if (list) {
        const each = rows.map(([decidedUs = NaN, releasedUs = NaN]) => ({ decidedUs, releasedUs }));
        return { cpuUs: NaN, decidedUs: NaN, releasedUs: NaN, list: each };
      }
      const [cpuUs = NaN, decidedUs = NaN, releasedUs = NaN] = rows[0] ?? [];
      return { cpuUs, decidedUs, releasedUs, list: [] };
    },
    end: () => undefined,
  };
}

/** All decide at the same instant, life by life; those that have a kernel like ours in all but its wheel are forgotten together. */
async function check(peers: readonly Peer[]): Promise<void> {
  let first: readonly Life[] | null = null;
  for (const { name, withinUs, play } of peers) {
    const { list } = await play({ first: 1, lives: CHECKED, list: true });
    first ??= list;
    for (const [i, { decidedUs }] of first.entries()) {
      const its = list[i]?.decidedUs ?? NaN;
      if (Math.abs(its - decidedUs) <= withinUs) continue;
      throw new Error(`life ${i + 1}: decided at ${decidedUs} µs, ${name}: ${its}`);
    }
  }
}

/** @param rounds at least five say something */
export async function besidePeers(rounds: number): Promise<readonly Beside[]> {
  mkdirSync(BUILT, { recursive: true });
  await build({
    entryPoints: [`${HERE}child.ts`],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: BUILT,
    logLevel: 'warning',
  });
  const c = peerInC();
  if (c === null) console.log('no cc: the row of C is missing');
  const peers = [...NODE_PEERS.map(nodePeer), ...(c === null ? [] : [c])];
  try {
    await check(peers);
    const rates: number[][] = peers.map(() => []);
    // The first round is for the compiler.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [column, { lives, play }] of peers.entries()) {
        const { cpuUs } = await play({ first: 1, lives, list: false });
        if (round > 0) rates[column]?.push((lives / cpuUs) * US_PER_S);
      }
    }
    const [ours = []] = rates;
    return peers.map(({ name }, column) => {
      const its = rates[column] ?? [];
      return {
        name,
        livesPerS: spread(its),
        timesAsMany: spread(ours.map((rate, round) => rate / (its[round] ?? NaN))),
      };
    });
  } finally {
    for (const { end } of peers) end();
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? NaN;
  return { median: at(sorted.length >> 1), least: at(0), most: at(sorted.length - 1) };
}
