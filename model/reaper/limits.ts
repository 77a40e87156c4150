/**
 * What a compiled reaper promises by itself, over every traffic, every age and every phase: after how long without a sign of life it has
 * decided (B), and how long a connection may go without one and never be ended for it (T). The same where bytes wait to be sent and
 * nothing moves. Nothing is assumed of network, kernel or peer, so it holds wherever the tables run.
 *
 * Each mechanism that ends connections is explored by itself, with those whose pings it counts on. The policy ends a connection with the
 * first of its mechanisms, so B and T are the least of theirs.
 */
import { Exploration, type Story } from './exploration.ts';
import type { Policy } from '../policy/types.ts';
import { Column, Operation, operationOf } from './program.ts';
import { regionsOf, type Region } from './region.ts';

/** What holds of one kind of silence. */
export interface Limit {
  /** B: the decision comes so long after its beginning at the latest, ms; null = there is no such time. */
  readonly maxMs: number | null;
  /** Index of the mechanism that B is of. */
  readonly by: number | undefined;
  /** T: one that is shorter ends no connection, ms; null = none does. Orderly ends (idle, age) are not counted. */
  readonly toleranceMs: number | null;
  /** Index of the mechanism that T is of. */
  readonly toleranceBy: number | undefined;
}

export interface Limits {
  /** B: the process reads nothing of the peer, and nothing that waits for it moves. T: nothing that counts as life. */
  readonly silence: Limit;
  /** Something waits to be sent, or to be acknowledged, and nothing moves. */
  readonly stuck: Limit;
}

/**
 * The limits of a policy, of what of it the process decides; the kernel's own mechanisms hang on round trips and are not in it (`bounds`
 * has them). A connection's opening counts as a sign of life.
 *
 * @example
 * const sweep = { kind: 'sweep', intervalMs: '30s' };
 * const { silence } = limitsOf(definePolicy({ name: 'sweep', mechanisms: [sweep] }));
 * silence.maxMs // => 60_000
 * silence.toleranceMs // => 30_000
 */
export function limitsOf(policy: Policy): Limits {
  const regions = regionsOf(policy);
  return { silence: limitOf(regions, 'silence'), stuck: limitOf(regions, 'stuck') };
}

function limitOf(regions: readonly Region[], story: Story): Limit {
  const found = regions
    .filter((region) => storyOf(region) === story)
    .map((judge) => {
      const exploration = new Exploration([judge, ...askersFor(judge, regions)], story);
      const { maxUs, toleranceUs } = exploration;
      // Who demands a rate judges a path on which something moves all the time, too.
      const isRate = judge.leastProgressBytes > 1;
      return { mechanism: judge.mechanism, maxUs, toleranceUs: isRate ? 0 : toleranceUs };
    });
  const maxUs = Math.min(...found.map((one) => one.maxUs));
  const toleranceUs = Math.min(...found.map((one) => one.toleranceUs));
  return {
    maxMs: inMs(maxUs),
    by: found.find((one) => one.maxUs === maxUs && maxUs < Infinity)?.mechanism,
    toleranceMs: inMs(toleranceUs),
    toleranceBy: found.find((one) => one.toleranceUs === toleranceUs && toleranceUs < Infinity)
      ?.mechanism,
  };
}

function inMs(us: number): number | null {
  return us === Infinity ? null : us / 1_000;
}

function does(region: Region, ...operations: readonly number[]): boolean {
  return region.program.codes.some((code) => operations.includes(operationOf(code)));
}

function hears({ program }: Region, column: number): boolean {
  return program.hears[column] === 1;
}

/** Those whose pings a mechanism has patience with. */
function askersFor(judge: Region, regions: readonly Region[]): Region[] {
  if (!hears(judge, Column.PingSent)) return [];
  return regions.filter((region) => region !== judge && does(region, Operation.Ping));
}

/** The silence that a mechanism judges by; undefined where it judges by something else: requests, a TCP state, a length. */
function storyOf(region: Region): Story | undefined {
  if (!does(region, Operation.Reap, Operation.Close)) return undefined;
  if (hears(region, Column.Requested) || hears(region, Column.Borrowed)) return undefined;
  if (region.samples !== undefined) {
    return region.samples === 'bytes-acked' || region.samples === 'queue' ? 'stuck' : undefined;
  }
  if (hears(region, Column.SendBlocked)) return 'stuck';
  // Patience that begins with a message of ours is patience for its acknowledgement.
  return hears(region, Column.MessageSent) && does(region, Operation.Reap) ? 'stuck' : 'silence';
}
