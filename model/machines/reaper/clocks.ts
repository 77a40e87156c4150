/** How long the clocks of each mechanism run on one connection. */
import type { AgeMechanism, Mechanism, PingMechanism } from '../../policy/types.ts';
import type { DelayKind } from './language.ts';
import { untilNextTick } from './language.ts';

/** When the connection opened, and any instant at which the server's shared sweep ticked. */
export interface ReaperPhase {
  readonly startMs: number;
  readonly sharedOriginMs: number;
  /** What the connection's jitters hang on, in [0, 1); the middle when missing. */
  readonly draw?: number;
}

/** What a connection draws of which nobody says otherwise. */
const MIDDLE = 0.5;
const US_PER_MS = 1_000;

/** How long each clock of a mechanism runs, ms; one that waits for a coarser timer runs on to its tick. */
export function clocksMs(
  mechanism: Mechanism,
  phase: ReaperPhase,
): Partial<Record<DelayKind, number>> {
  switch (mechanism.kind) {
    case 'sweep': {
      const { intervalMs } = mechanism;
      const shared = untilNextTick(phase.startMs, phase.sharedOriginMs, intervalMs);
      return { first: mechanism.timer === 'shared' ? shared : intervalMs, interval: intervalMs };
    }
    case 'ping':
      return pingClocksMs(mechanism, drawOf(phase));
    case 'send-stall':
      return { ...everyMs(mechanism), grace: mechanism.graceMs };
    case 'send-queue-limit':
      return { ...everyMs(mechanism), grace: mechanism.softForMs };
    case 'peer-closed':
      return everyMs(mechanism);
    case 'pong-timer':
    case 'request-deadline':
      return { reply: mechanism.timeoutMs };
    case 'borrow-check':
      return { fresh: mechanism.freshMs, reply: mechanism.timeoutMs };
    case 'receive-deadline':
      return { deadline: mechanism.timeoutMs };
    case 'write-deadline':
      return mechanism.judgedAt === 'deadline'
        ? { deadline: mechanism.timeoutMs }
        : { grace: mechanism.timeoutMs };
    case 'ping-strikes':
      return { strike: mechanism.minIntervalMs };
    case 'idle':
      return { idle: mechanism.timeoutMs };
    case 'age':
      return { age: ageMs(mechanism, drawOf(phase)) };
    default:
      return {};
  }
}

function drawOf({ draw = MIDDLE }: ReaperPhase): number {
  return draw;
}

function everyMs(looker: { readonly everyMs: number }): { first: number; interval: number } {
  return { first: looker.everyMs, interval: looker.everyMs };
}

function pingClocksMs(ping: PingMechanism, draw: number): Partial<Record<DelayKind, number>> {
  const { intervalMs, replyTimeoutMs, firstMs = intervalMs, firstJitterMs = 0 } = ping;
  const first = firstMs + inWholeUs(draw * firstJitterMs);
  const next = ping.after === 'last-ping' ? { interval: intervalMs } : { pause: intervalMs };
  return {
    ...(hasFirst(ping) ? { first } : {}),
    ...next,
    ...(replyTimeoutMs === null ? {} : { reply: replyTimeoutMs }),
  };
}

/** Whether the time to the first ping is a clock of its own. */
export function hasFirst({ after, firstMs, firstJitterMs }: PingMechanism): boolean {
  return after === 'last-ping' || firstMs !== undefined || firstJitterMs !== undefined;
}

/** Uniform over maxMs ± its share. */
function ageMs({ maxMs, jitterPercent = 0 }: AgeMechanism, draw: number): number {
  const eitherWayMs = (maxMs * jitterPercent) / 100;
  return maxMs - eitherWayMs + inWholeUs(2 * draw * eitherWayMs);
}

function inWholeUs(ms: number): number {
  return Math.floor(ms * US_PER_MS) / US_PER_MS;
}
