/**
 * How long nothing passes a point of the chain while everybody is well: the shortest of the periods of
 * all that sends. Bytes of the application, and WebSocket pings, pass every hop; keepalive probes are
 * answered by the first kernel that ends TCP, so they keep awake only what lies before it.
 */
import { longestQuietMs } from '../bounds/life/prevention.ts';
import { defineScenario } from '../scenario/index.ts';
import { lost } from './probe.ts';
import type { Box, ChainSubject } from './subject.ts';

/** A hidden tab runs its timers once a minute (Chromium, intensive throttling). */
export const HIDDEN_TAB_MS = 60_000;

/** The period of a page's timer in a hidden tab: aligned to the minute. */
export function hiddenPeriodMs(periodMs: number): number {
  return Math.ceil(periodMs / HIDDEN_TAB_MS) * HIDDEN_TAB_MS;
}

/** The client's own heartbeat as it comes at worst; null = it sends none. */
export function heartbeatMs({ client }: ChainSubject): number | null {
  const periodMs = client?.hop.heartbeatMs;
  if (client === undefined || periodMs === undefined) return null;
  return client.hop.timers === 'page' ? hiddenPeriodMs(periodMs) : periodMs;
}

/** The longest time without a byte that the server leaves; null = no limit. */
export function serverQuietMs({ chain, served }: ChainSubject, probes: boolean): number | null {
  const { policy } = served;
  const mechanisms = policy.mechanisms.map((one) =>
    one.kind === 'keepalive' && !probes ? lost(one) : one,
  );
  const { load, rttMs } = chain;
  const scenario = defineScenario({
    kind: 'live',
    name: 'lint',
    silence: { kind: 'none' },
    load,
    path: { rttMs },
  });
  return longestQuietMs({ ...policy, mechanisms }, scenario);
}

/** The shorter of two; null is longer than anything. */
export function shortest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** Whether a box lies on the server's own TCP connection, where its kernel's probes pass. */
function seesProbes({ boxes }: ChainSubject, box: Box): boolean {
  if (box.hop.kind === 'proxy') return false;
  return !boxes.some(({ hop, index }) => hop.kind === 'proxy' && index > box.index);
}

/** The longest time for which a box sees nothing of a connection whose both ends are well. */
export function quietAtMs(subject: ChainSubject, box: Box): number | null {
  return shortest(heartbeatMs(subject), serverQuietMs(subject, seesProbes(subject, box)));
}
