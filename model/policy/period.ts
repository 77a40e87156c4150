/** The policy's own rhythm: the stretch of time over which a fault's instant is drawn. */
import { assertNever } from '../assert.ts';
import type { Mechanism, Policy } from './types.ts';

/** Where nothing repeats, the fault's phase is drawn over one second. */
const NO_CYCLE_MS = 1_000;

/**
 * The longest cycle of the policy's mechanisms in ms, at least 1000: a fault drawn uniformly over it
 * meets every phase of that mechanism, and of the peer's heartbeat where the policy counts on one. A mechanism
 * whose timer is lost has no cycle. Neither has one that takes longer than the policy lets a quiet connection live:
 * it is closed for its idleness or age before anything repeats; nor the kernel's keepalive where the policy's pings
 * or the peer's heartbeat come more often, since each puts it off.
 *
 * Measured without round trips: a ping `after: 'last-reply'` repeats after its interval plus one.
 *
 * @example
 * policyPeriodMs(presets['alive-flag-sweep']) // => 30_000
 * policyPeriodMs(presets['none']) // => 1_000
 */
export function policyPeriodMs(policy: Policy): number {
  const acting = policy.mechanisms.filter(({ lost }) => lost !== 'timer');
  const livesMs = Math.min(...acting.map(quietLifeMs));
  const trafficMs = Math.min(
    policy.peerHeartbeat?.everyMs ?? Infinity,
    ...acting.map(pingsEveryMs),
  );
  const cycles = acting
    .filter((one) => one.kind !== 'keepalive' || one.idleMs < trafficMs)
    .map(cycleMs)
    .filter((ms) => ms <= livesMs);
  return Math.max(NO_CYCLE_MS, policy.peerHeartbeat?.everyMs ?? 0, ...cycles);
}

/** How often the mechanism has something sent and answered on a quiet connection. */
function pingsEveryMs(mechanism: Mechanism): number {
  const pings = mechanism.kind === 'ping' || (mechanism.kind === 'sweep' && mechanism.ping);
  return pings ? mechanism.intervalMs : Infinity;
}

/** How long the mechanism lets a connection live on which nothing happens. */
function quietLifeMs(mechanism: Mechanism): number {
  if (mechanism.kind === 'idle') return mechanism.timeoutMs;
  return mechanism.kind === 'age' ? mechanism.maxMs : Infinity;
}

/** How long until the mechanism does the same again on a quiet connection; 0 when it never does. */
function cycleMs(mechanism: Mechanism): number {
  switch (mechanism.kind) {
    case 'sweep':
    case 'ping':
      return mechanism.intervalMs;
    case 'keepalive':
      return mechanism.idleMs;
    case 'send-stall':
    case 'peer-closed':
    case 'send-queue-limit':
      return mechanism.everyMs;
    case 'receive-deadline':
    case 'write-deadline':
    case 'handshake-deadline':
    case 'idle':
      return mechanism.granularity?.everyMs ?? 0;
    case 'pong-timer':
    case 'ping-strikes':
    case 'request-deadline':
    case 'borrow-check':
    case 'close-handshake':
    case 'user-timeout':
    case 'age':
    case 'drain':
      return 0;
    default:
      return assertNever(mechanism, 'mechanism');
  }
}
