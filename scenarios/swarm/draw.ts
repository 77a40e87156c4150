/**
 * Scenarios that nobody wrote: a fault or a silence × a load × a path × a client × a server × a kernel, each
 * part drawn on its own. A seed and an index give the same scenario for ever, and a name says both which it is
 * and which of its parts have been made plain again: `swarm-17`, `swarm-17-plain-load-path`.
 *
 * Plain parts do not move the others: every part draws from numbers of its own.
 */
import { assert } from '../../model/assert.ts';
import type { ScenarioInput } from '../../model/scenario/input.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Fault, Path, Scenario, Silence } from '../../model/scenario/types.ts';
import { Draws, seedWords, Stream } from '../../sim/random.ts';

/** Parts that can be made plain, in the order in which a name lists them. */
export const swarmParts = ['load', 'path', 'client', 'server', 'kernel'] as const;
export type SwarmPart = (typeof swarmParts)[number];

/** Long enough for every patience of seconds, short enough for a load that fills a fast path all the time. */
const LONGEST_SILENCE_MS = 120_000;

/** Troubles in which the client reads on as fast as it can: there, a load without limit is nothing but work. */
const READS_ON: ReadonlySet<string> = new Set([
  'none',
  'nat-expiry',
  'host-sleep',
  'application-pause',
  'server-starved',
  'timers-throttled',
  'slow-uploader',
]);

/** A sender that fills a faster path than this sends gigabytes, and they show nothing that the first did not. */
const LEAST_SATURATED_RTT_MS = 50;

/** No connection of any run has this number: its draws belong to nobody else. */
const SWARM_CONNECTION = 0x7fff_ffff;

/** Where the draws of each part begin. */
const FIRST_DRAW = {
  trouble: 0,
  load: 100,
  path: 200,
  client: 300,
  server: 400,
  kernel: 500,
} as const;

/** The draws of one part, one after the other. */
class Part {
  readonly #draws: Draws;
  #index: number;

  constructor(draws: Draws, part: keyof typeof FIRST_DRAW) {
    this.#draws = draws;
    this.#index = FIRST_DRAW[part];
  }

  /** A whole number from 0 … bound − 1. */
  below(bound: number): number {
    this.#index += 1;
    return this.#draws.below(Stream.Swarm, this.#index, bound);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Whether something happens that does in `share` of 100 cases. */
  chance(share: number): boolean {
    return this.below(100) < share;
  }

  /** From `least` to `most`, as many in each decade: two figures, so that people can read them. */
  between(least: number, most: number): number {
    const exact = least * (most / least) ** (this.below(1_000) / 999);
    const digit = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
    return Math.min(most, Math.max(least, Math.round(exact / digit) * digit));
  }
}

function drawFault(part: Part): Fault {
  const kinds: readonly (() => Fault)[] = [
    () => ({
      kind: 'vanish',
      direction: part.of(['both', 'server-to-client', 'client-to-server']),
    }),
    () => ({ kind: 'unreachable' }),
    () => ({ kind: 'handshake-abandoned', after: part.of(['syn', 'established']) }),
    () => ({ kind: 'freeze' }),
    () => ({ kind: 'page-freeze' }),
    () => ({ kind: 'host-sleep', lengthMs: part.between(60_000, 28_800_000) }),
    () => ({ kind: 'tunnel-dead', proxyBufferBytes: part.of([0, 4_096, 65_536, 1_048_576]) }),
    () => ({
      kind: 'nat-expiry',
      idleMs: part.between(10_000, 3_600_000),
      onExpiry: part.of(['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both']),
    }),
    () => ({ kind: 'network-change', reconnectMs: part.between(100, 30_000) }),
    () => ({ kind: 'link-down' }),
    () => ({ kind: 'reboot', downMs: part.between(1_000, 300_000) }),
    () => ({ kind: 'crash' }),
    () => ({ kind: 'close' }),
    () => ({ kind: 'half-close' }),
    () => ({ kind: 'close-unanswered' }),
  ];
  return part.of(kinds)();
}

function drawSilence(part: Part): Silence {
  const lengthMs = part.between(500, LONGEST_SILENCE_MS);
  const bytesPerSecond = part.between(1_000, 1_000_000);
  const kinds: readonly (() => Silence)[] = [
    () => ({ kind: 'none' }),
    () => ({ kind: 'outage', lengthMs }),
    () => ({ kind: 'application-pause', lengthMs }),
    () => ({
      kind: 'trickle',
      bytes: part.between(1_000, 100_000),
      everyMs: part.between(100, 10_000),
      lengthMs,
    }),
    () => ({
      kind: 'plateau',
      queueBytes: part.between(1_000, 500_000),
      bytesPerSecond,
      lengthMs,
    }),
    () => ({ kind: 'server-starved', lengthMs }),
    () => ({ kind: 'server-stall', lengthMs }),
    () => ({ kind: 'process-pause', lengthMs }),
    () => ({ kind: 'page-freeze', lengthMs }),
    () => ({ kind: 'timers-throttled', everyMs: part.of([1_000, 60_000]), lengthMs }),
    () => ({ kind: 'host-sleep', lengthMs }),
    () => ({ kind: 'slow-reader', bytesPerSecond, lengthMs }),
    () => ({
      kind: 'slow-uploader',
      messageBytes: Math.min(2 ** 30, Math.ceil((bytesPerSecond * lengthMs) / 1_000)),
      bytesPerSecond,
    }),
  ];
  return part.of(kinds)();
}

/** @param maySaturate whether a load without limit is bearable: for a while only, and on a path that slows it down */
function drawLoad(part: Part, maySaturate: boolean): NonNullable<ScenarioInput['load']> {
  const kind = part.of(['idle', 'periodic', 'periodic', 'saturated'] as const);
  if (kind === 'idle' || (kind === 'saturated' && !maySaturate)) return { kind: 'idle' };
  if (kind === 'saturated') return { kind, messageBytes: part.of([16_384, 65_536]) };
  return {
    kind,
    bytes: part.between(10, 20_000),
    everyMs: part.between(100, 60_000),
    direction: part.of(['server', 'client', 'both']),
  };
}

function drawPath(part: Part): Path {
  const rttMs = part.between(1, 1_000);
  const jitterMs = part.chance(25) ? part.between(1, 200) : 0;
  const lossPercent = part.chance(20) ? part.of([0.1, 1, 5, 10]) : 0;
  return {
    rttMs,
    ...(jitterMs > 0 && { jitterMs }),
    ...(lossPercent > 0 && { lossPercent }),
  };
}

function drawServer(part: Part): NonNullable<ScenarioInput['server']> {
  const broken = part.chance(15)
    ? part.of([
        { kind: 'reaper-stopped' } as const,
        { kind: 'connection-missed' } as const,
        { kind: 'loop-stalled', lengthMs: part.between(1_000, 120_000) } as const,
      ])
    : null;
  return {
    sendPath: part.chance(20) ? 'locked' : 'queued',
    userQueueBytes: part.of([0, 16_384, 65_536, 1_048_576]),
    ...(part.chance(10) && { closesAtEof: false }),
    ...(broken !== null && { broken }),
  };
}

function drawKernel(part: Part): NonNullable<ScenarioInput['kernel']> {
  const serverSysctls: Record<string, number> = {};
  const clientSysctls: Record<string, number> = {};
  if (part.chance(20)) serverSysctls['net.ipv4.tcp_retries2'] = part.of([3, 5, 8, 12]);
  if (part.chance(10)) serverSysctls['net.ipv4.tcp_orphan_retries'] = part.of([1, 3, 7]);
  if (part.chance(10)) serverSysctls['net.ipv4.tcp_fin_timeout'] = part.of([10, 30, 120]);
  if (part.chance(10)) clientSysctls['net.ipv4.tcp_retries2'] = part.of([3, 5, 8, 12]);
  return {
    hz: part.of([100, 250, 1000]),
    profile: part.of(['6.12', '6.18']),
    serverSysctls,
    clientSysctls,
  };
}

/** The name of a scenario of the swarm. */
export function swarmName(index: number, plain: readonly SwarmPart[] = []): string {
  const parts = swarmParts.filter((part) => plain.includes(part));
  return parts.length === 0 ? `swarm-${index}` : `swarm-${index}-plain-${parts.join('-')}`;
}

/**
 * A scenario of the swarm.
 *
 * @param index from 0 to 2^31 − 1
 * @param plain parts that are as in a scenario that says nothing of them
 */
export function drawScenario(
  seed: bigint,
  index: number,
  plain: readonly SwarmPart[] = [],
): Scenario {
  const draws = new Draws();
  draws.reset(seedWords(seed), index, SWARM_CONNECTION);
  const trouble = new Part(draws, 'trouble');
  const fault = trouble.chance(50) ? drawFault(trouble) : null;
  const silence = fault === null ? drawSilence(trouble) : null;
  const path = drawPath(new Part(draws, 'path'));
  const isBounded = !READS_ON.has(fault?.kind ?? silence?.kind ?? 'none');
  const maySaturate = isBounded && path.rttMs >= LEAST_SATURATED_RTT_MS;
  const kept = (part: SwarmPart): boolean => !plain.includes(part);
  const pings = new Part(draws, 'client');
  // Of an opening that is never finished, nothing is sent, and a half-open connection has no process.
  const isOpening = fault?.kind === 'handshake-abandoned';
  const { broken, ...sound } = kept('server') ? drawServer(new Part(draws, 'server')) : {};
  const hasProcess = !isOpening || fault.after === 'established';
  const standsStill = broken?.kind === 'loop-stalled';
  const mayBreak = hasProcess && !(fault?.kind === 'close-unanswered' && standsStill);
  const common = {
    name: swarmName(index, plain),
    tags: ['swarm'],
    ...(kept('load') && !isOpening && { load: drawLoad(new Part(draws, 'load'), maySaturate) }),
    ...(kept('path') && { path }),
    ...(kept('client') &&
      !isOpening &&
      pings.chance(20) && { client: { pingEveryMs: pings.between(1_000, 60_000) } }),
    server: { ...sound, ...(broken !== undefined && mayBreak && { broken }) },
    ...(kept('kernel') && { kernel: drawKernel(new Part(draws, 'kernel')) }),
  };
  const told = (what: string): string =>
    `Drawn: ${what} under a load that is ${common.load?.kind ?? 'idle'}`;
  if (silence !== null) {
    return defineScenario({
      ...common,
      kind: 'live',
      title: told(silence.kind),
      silence,
      watchMs: LONGEST_SILENCE_MS,
    });
  }
  assert(fault !== null, 'a scenario is a fault or a silence');
  return defineScenario({ ...common, kind: 'fault', title: told(fault.kind), fault });
}
