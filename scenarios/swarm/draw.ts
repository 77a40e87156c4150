/**
 * Random scenarios: a fault or a silence × a load × a path × a client × a server × a kernel × proxies, each
 * part drawn on its own. A seed and an index give the same scenario for ever, and a name says both which it is
 * and which of its parts have been made plain again: `swarm-17`, `swarm-17-plain-load-path`.
 *
 * Plain parts do not move the others: every part draws from numbers of its own.
 */
import { assert } from '../../model/assert.ts';
import { between, oneOf, type Choices } from '../../model/faults/choices.ts';
import { faultKindOf, faultKinds, silenceKindOf, silenceKinds } from '../../model/faults/index.ts';
import type { FaultFacts, SilenceFacts } from '../../model/faults/kind.ts';
import type { ScenarioInput } from '../../model/scenario/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Fault, Path, Scenario, Silence } from '../../model/scenario/types.ts';
import { Draws, seedWords } from '../../sim/random.ts';
import { drawnChoices } from './choices.ts';

/** Parts that can be made plain, in the order in which a name lists them. */
export const swarmParts = ['load', 'path', 'client', 'server', 'kernel', 'proxies'] as const;
export type SwarmPart = (typeof swarmParts)[number];

/** Long enough for every patience of seconds, short enough for a load that fills a fast path all the time. */
const LONGEST_SILENCE_MS = 120_000;

/** A sender that fills a faster path than this sends gigabytes, and they show nothing that the first did not. */
const LEAST_SATURATED_RTT_MS = 50;

/** No connection of any run has this number: its draws belong to nobody else. */
const SWARM_CONNECTION = 0x7fff_ffff;

/** Where the draws of each part begin. */
const FIRST_DRAW = {
  event: 0,
  load: 100,
  path: 200,
  client: 300,
  server: 400,
  kernel: 500,
  proxies: 600,
} as const;

function drawFault(part: Choices): Fault {
  return oneOf<FaultFacts<Fault>>(part, Object.values(faultKinds)).draw(part);
}

function drawSilence(part: Choices): Silence {
  const lengthMs = between(part, 500, LONGEST_SILENCE_MS);
  const bytesPerSecond = between(part, 1_000, 1_000_000);
  const kind = oneOf<SilenceFacts<Silence>>(part, Object.values(silenceKinds));
  return kind.draw(part, { lengthMs, bytesPerSecond });
}

/** Whether the client reads on as fast as it can: there, a load without limit is nothing but work. */
function readsOn(fault: Fault | null, silence: Silence | null): boolean {
  if (fault !== null) return faultKindOf(fault).readsOn;
  return silence === null || silenceKindOf(silence).readsOn;
}

/** @param maySaturate whether a load without limit is bearable: for a while only, and on a path that slows it down */
function drawLoad(part: Choices, maySaturate: boolean): NonNullable<ScenarioInput['load']> {
  const kind = oneOf(part, ['idle', 'periodic', 'periodic', 'saturated'] as const);
  if (kind === 'idle' || (kind === 'saturated' && !maySaturate)) return { kind: 'idle' };
  if (kind === 'saturated') return { kind, messageBytes: oneOf(part, [16_384, 65_536]) };
  return {
    kind,
    bytes: between(part, 10, 20_000),
    everyMs: between(part, 100, 60_000),
    direction: oneOf(part, ['server', 'client', 'both']),
  };
}

function drawPath(part: Choices): Path {
  const rttMs = between(part, 1, 1_000);
  const jitterMs = part.chance(25) ? between(part, 1, 200) : 0;
  const lossPercent = part.chance(20) ? oneOf(part, [0.1, 1, 5, 10]) : 0;
  const risesToMs = part.chance(20) ? rttMs + between(part, 10, 2_000) : 0;
  return {
    rttMs,
    ...(risesToMs > 0 && { risesToMs }),
    ...(jitterMs > 0 && { jitterMs }),
    ...(lossPercent > 0 && { lossPercent }),
  };
}

function drawServer(part: Choices): NonNullable<ScenarioInput['server']> {
  const broken = part.chance(15)
    ? oneOf(part, [
        { kind: 'reaper-stopped' } as const,
        { kind: 'connection-missed' } as const,
        { kind: 'loop-stalled', lengthMs: between(part, 1_000, 120_000) } as const,
      ])
    : null;
  return {
    sendPath: part.chance(20) ? 'locked' : 'queued',
    userQueueBytes: oneOf(part, [0, 16_384, 65_536, 1_048_576]),
    ...(part.chance(10) && { closesAtEof: false }),
    ...(broken !== null && { broken }),
  };
}

function drawKernel(part: Choices): NonNullable<ScenarioInput['kernel']> {
  const serverSysctls: Record<string, number> = {};
  const clientSysctls: Record<string, number> = {};
  if (part.chance(20)) serverSysctls['net.ipv4.tcp_retries2'] = oneOf(part, [3, 5, 8, 12]);
  if (part.chance(10)) serverSysctls['net.ipv4.tcp_orphan_retries'] = oneOf(part, [1, 3, 7]);
  if (part.chance(10)) serverSysctls['net.ipv4.tcp_fin_timeout'] = oneOf(part, [10, 30, 120]);
  if (part.chance(10)) clientSysctls['net.ipv4.tcp_retries2'] = oneOf(part, [3, 5, 8, 12]);
  return {
    hz: oneOf(part, [100, 250, 1000]),
    profile: oneOf(part, ['6.12', '6.18']),
    serverSysctls,
    clientSysctls,
  };
}

/** Proxies on the way: with limits of seconds to minutes, none, or one on a side. */
function drawProxies(part: Choices): NonNullable<ScenarioInput['proxies']> | null {
  if (!part.chance(25)) return null;
  const limit = (percent: number): number | null =>
    part.chance(percent) ? between(part, 2_000, 600_000) : null;
  return Array.from({ length: part.chance(30) ? 2 : 1 }, (_, place) => ({
    name: `hop-${place + 1}`,
    rttMs: between(part, 1, 200),
    idleMs: limit(50),
    clientIdleMs: limit(20),
    serverIdleMs: limit(20),
    ...(part.chance(10) && { ageMs: between(part, 10_000, 600_000) }),
    halfClose: oneOf(part, ['closes-both', 'passes'] as const),
    bufferBytes: oneOf(part, [4_096, 16_384, 65_536]),
    sysctls: part.chance(20) ? { 'net.ipv4.tcp_retries2': oneOf(part, [3, 5, 8, 12]) } : {},
  }));
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
  const from = (part: keyof typeof FIRST_DRAW): Choices => drawnChoices(draws, FIRST_DRAW[part]);
  const event = from('event');
  const fault = event.chance(50) ? drawFault(event) : null;
  const silence = fault === null ? drawSilence(event) : null;
  const path = drawPath(from('path'));
  const isBounded = !readsOn(fault, silence);
  const maySaturate = isBounded && path.rttMs >= LEAST_SATURATED_RTT_MS;
  const kept = (part: SwarmPart): boolean => !plain.includes(part);
  const pings = from('client');
  // Of an opening that is never finished, nothing is sent, and a half-open connection has no process.
  const instant = fault === null ? null : faultKindOf(fault).instant(fault);
  const isOpening = instant?.by === 'opening';
  const { broken, ...sound } = kept('server') ? drawServer(from('server')) : {};
  const hasProcess = !isOpening || instant.after === 'established';
  const standsStill = broken?.kind === 'loop-stalled';
  const serverActs = fault !== null && faultKindOf(fault).serverActs === true;
  const proxies = kept('proxies') && !isOpening ? drawProxies(from('proxies')) : null;
  const mayBreak = hasProcess && !(serverActs && standsStill);
  const common = {
    name: swarmName(index, plain),
    tags: ['swarm'],
    ...(kept('load') && !isOpening && { load: drawLoad(from('load'), maySaturate) }),
    ...(kept('path') && { path }),
    ...(kept('client') &&
      !isOpening &&
      pings.chance(20) && { client: { pingEveryMs: between(pings, 1_000, 60_000) } }),
    server: { ...sound, ...(broken !== undefined && mayBreak && { broken }) },
    ...(kept('kernel') && { kernel: drawKernel(from('kernel')) }),
    ...(proxies !== null && { proxies }),
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
