/** The trials that rules are made of: a ghost that nothing notices in time, a living peer that is ended. */
import type { Policy } from '../policy/types.ts';
import type { Fault, Load, Scenario, Silence } from '../scenario/types.ts';
import { ghostMs, survives } from './ask.ts';
import { longestWatchMs } from './effort.ts';
import { gone, living, LONGEST_WATCH_MS, type Circumstances } from './story.ts';
import type { PolicySubject } from './subject.ts';
import type { Problem, Proposal, Seen, Trial } from './types.ts';

/** A fault may come at any phase of the policy, and so may a silence: in so many lives most phases are met. */
const LIVES = 40;
/** Moving bytes as fast as they go takes time; what is met there is met in the first lives. */
const SATURATED_LIVES = 4;
/** Longer than a kernel gives up a connection on its own, keepalive after two hours included. */
const NEVER_MS = 4 * 3_600_000;

function livesFor(load: Load): number {
  return load.kind === 'saturated' ? SATURATED_LIVES : LIVES;
}

type Tell = Trial['tell'];

/** A finding that is a note, and needs no life to show it. */
export function note(problem: Problem): Proposal {
  return { trials: [], otherwise: { ...problem, severity: 'note' } };
}

/** A ghost that nothing notices. Where the policy is proved to find it, there is nothing to try. */
export function unnoticed(
  subject: PolicySubject,
  rule: string,
  fault: Fault,
  load: Load,
  tell: Tell,
): readonly Trial[] {
  const { policy } = subject;
  const whole = gone(subject, rule, fault, load, { watchMs: NEVER_MS });
  const boundMs = ghostMs(policy, whole);
  if (boundMs !== null && boundMs !== undefined) return [];
  const watchMs = Math.min(NEVER_MS, longestWatchMs(policy, whole));
  // Seen for a while is not for ever, unless that is proved.
  if (watchMs < NEVER_MS && boundMs === undefined) return [];
  const scenario = gone(subject, rule, fault, load, { watchMs });
  return [{ policy, scenario, expect: { kind: 'never-noticed' }, lives: 3, tell }];
}

/** A ghost that lives longer than it should. */
export function lateGhost(
  policy: Policy,
  scenario: Scenario,
  longerMs: number,
  tell: Tell,
): readonly Trial[] {
  const boundMs = ghostMs(policy, scenario);
  if (boundMs !== null && boundMs !== undefined && boundMs <= longerMs) return [];
  const expect = { kind: 'ghost-longer-than', ms: longerMs } as const;
  return [{ policy, scenario, expect, lives: livesFor(scenario.load), tell }];
}

/** A living peer and what it goes through. */
export interface Life {
  readonly silence: Silence;
  readonly load: Load;
  readonly around?: Circumstances;
  /** The policy is proved to survive it where its T is longer; 0 = any T is. */
  readonly lengthMs: number;
  readonly lives?: number;
}

/** A living peer that is ended. Where the policy is proved to keep it, there is nothing to try. */
export function endedAlive(
  subject: Pick<PolicySubject, 'policy' | 'rttMs' | 'kernel'>,
  rule: string,
  life: Life,
  tell: Tell,
): readonly Trial[] {
  const { policy } = subject;
  const { silence, load, around, lengthMs, lives = livesFor(load) } = life;
  const scenario = living(subject, rule, silence, load, around);
  if (survives(policy, scenario, lengthMs)) return [];
  return [{ policy, scenario, expect: { kind: 'ended-alive' }, lives, tell }];
}

/** A healthy peer watched for so long. */
export function healthyFor(load: Load, watchMs: number, around: Circumstances = {}): Life {
  const watched = { ...around, watchMs: Math.min(watchMs, LONGEST_WATCH_MS) };
  return { silence: { kind: 'none' }, load, around: watched, lengthMs: 0, lives: 2 };
}

/** Rules that say of a healthy peer that it is ended: whatever else it goes through, this is why. */
export const endsTheHealthy: readonly string[] = [
  'awaited-sign-never-comes',
  'limit-not-above-interval',
  'ping-faster-than-min-time',
  'kills-healthy-client',
  'ends-quiet-client',
  'ends-young-connections',
];

/** Ends that say nothing of what the peer goes through; they have rules of their own. */
const ofTheirOwn: ReadonlySet<string> = new Set(['idle', 'age', 'drain', 'close', 'ping-strikes']);

/** Whether an end was a verdict about what the peer went through. */
export function isVerdict({ by }: Seen): boolean {
  return !ofTheirOwn.has(by);
}

/** How long after its last bytes a living peer was ended, for a message. */
export function quietOf({ quietMs }: Seen): number {
  return quietMs ?? 0;
}
