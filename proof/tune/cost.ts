/**
 * What a policy costs on a connection where nobody says anything, in closed form: packets, bytes and
 * wake-ups of the server's process per hour, as the simulator meters them.
 */
import { keepaliveOf } from '../../model/mechanisms/in-force.ts';
import { pingPeriodMs } from '../../model/signs/rhythm.ts';
import { pingers } from '../../model/signs/sources.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Cost } from '../../model/results/tuning.ts';

const HOUR_MS = 3_600_000;

/** IP, TCP, and its timestamps. */
const HEADER_BYTES = 52;
/** RFC 6455 §5.2: a ping of the server without payload, and a pong of the client with its mask. */
const PING_BYTES = 2;
const PONG_BYTES = 6;
/** The ping, the pong that acknowledges it, and the acknowledgement of the pong. */
const PACKETS_PER_PING = 3;
/** The probe and its acknowledgement. */
const PACKETS_PER_PROBE = 2;
/** The timer that sends the ping, and the pong to read. */
const WAKEUPS_PER_PING = 2;

/** The cost of a healthy, idle connection. */
export function idleCost(policy: Policy, rttMs: number): Cost {
  const periods = pingers(policy).map((pinger) => pingPeriodMs(pinger, rttMs));
  const pings = periods.reduce((sum, periodMs) => sum + HOUR_MS / periodMs, 0);
  const keepalive = keepaliveOf(policy);
  // Every pong starts the idle time of keepalive anew.
  const silentMs = keepalive === null ? 0 : keepalive.idleMs;
  const probing = keepalive !== null && periods.every((periodMs) => periodMs > silentMs);
  const probes = probing ? HOUR_MS / (silentMs + rttMs) : 0;
  // Looks of one period fall on one instant.
  const looking = policy.mechanisms.flatMap((one) =>
    'everyMs' in one && one.lost === undefined ? [one.everyMs] : [],
  );
  const looks = [...new Set(looking)].reduce((sum, everyMs) => sum + HOUR_MS / everyMs, 0);
  return {
    packetsPerHour: PACKETS_PER_PING * pings + PACKETS_PER_PROBE * probes,
    bytesPerHour:
      (PACKETS_PER_PING * HEADER_BYTES + PING_BYTES + PONG_BYTES) * pings +
      PACKETS_PER_PROBE * HEADER_BYTES * probes,
    wakeupsPerHour: WAKEUPS_PER_PING * pings + looks,
  };
}

/** The order of costs: packets, then bytes, then wake-ups. */
export function cheaper(a: Cost, b: Cost): number {
  return (
    a.packetsPerHour - b.packetsPerHour ||
    a.bytesPerHour - b.bytesPerHour ||
    a.wakeupsPerHour - b.wakeupsPerHour
  );
}

/** Whether `a` costs no more of anything than `b`, and less of something. */
export function dominates(a: Cost, b: Cost): boolean {
  const pairs = [
    [a.packetsPerHour, b.packetsPerHour],
    [a.bytesPerHour, b.bytesPerHour],
    [a.wakeupsPerHour, b.wakeupsPerHour],
  ] as const;
  return pairs.every(([x, y]) => x <= y) && pairs.some(([x, y]) => x < y);
}
