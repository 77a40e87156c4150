/**
 * The policy asked by its own closed forms: what becomes of a ghost, and of a living peer, under a load.
 * Rules that ask this way hold for mechanisms that did not exist when they were written.
 */
import { bounds } from '../bounds/index.ts';
import type { Bound, Tolerance } from '../bounds/types.ts';
import { formatDuration, MAX_DURATION_MS } from '../duration.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import { defineScenario, type Scenario } from '../scenario/index.ts';
import type { Fault, Load, Silence } from '../scenario/types.ts';
import type { PolicySubject } from './subject.ts';

/** B to the decision. */
export function ghost(subject: PolicySubject, fault: Fault, load: Load): Bound {
  const { rttMs } = subject;
  const scenario = defineScenario({ kind: 'fault', name: 'lint', fault, load, path: { rttMs } });
  return bounds(subject.policy, scenario).decided;
}

/** Whether some ghosts are proved to stand for ever; not where nothing is proved. */
export function standsForEver({ maxMs, proved }: Bound): boolean {
  return proved && maxMs === null;
}

/** T against a silence, of what judges the peer: limits on idleness and age end everybody, and mean it. */
export function patience(subject: PolicySubject, silence: Silence, load: Load): Tolerance {
  const { rttMs } = subject;
  const scenario = defineScenario({ kind: 'live', name: 'lint', silence, load, path: { rttMs } });
  const mechanisms = subject.policy.mechanisms.map((one) =>
    one.kind === 'idle' || one.kind === 'age' ? lost(one) : one,
  );
  return bounds({ ...subject.policy, mechanisms }, scenario).tolerance;
}

/** A peer with which nothing is wrong and that has nothing to say. */
export function healthyPeer({ rttMs }: PolicySubject): Scenario {
  return defineScenario({ kind: 'live', name: 'lint', silence: { kind: 'none' }, path: { rttMs } });
}

/** The same with one mechanism lost, or with another one in its place. */
export function withMechanism(
  subject: PolicySubject,
  index: number,
  change: (mechanism: Mechanism) => Mechanism,
): PolicySubject {
  const mechanisms = subject.policy.mechanisms.map((mechanism, i) =>
    i === index ? change(mechanism) : mechanism,
  );
  const policy: Policy = { ...subject.policy, mechanisms };
  return { ...subject, policy };
}

/** A mechanism whose timer has stopped. */
export function lost<M extends Mechanism>(mechanism: M): M {
  return { ...mechanism, lost: 'timer' };
}

/** Indices of the mechanisms that decide a number: without any of them it is another one. */
export function deciding(
  subject: PolicySubject,
  number: (subject: PolicySubject) => number | null,
): readonly number[] {
  const whole = number(subject);
  return subject.policy.mechanisms.flatMap((mechanism, index) =>
    mechanism.lost === undefined && number(withMechanism(subject, index, lost)) !== whole
      ? [index]
      : [],
  );
}

/** Path of a mechanism, or of all of them; `field` where the mechanism has one. */
export function mechanismPath(
  { prefix }: PolicySubject,
  index: number | undefined,
  field?: string,
): string {
  const place = index === undefined ? 'mechanisms' : `mechanisms[${index}]`;
  return `${prefix}${place}${field === undefined ? '' : `.${field}`}`;
}

/** The last digit that a computed duration shows, by its length. */
const STEPS: readonly (readonly [belowMs: number, stepMs: number])[] = [
  [10_000, 1],
  [600_000, 100],
  [7_200_000, 6_000],
  [Number.POSITIVE_INFINITY, 36_000],
];

/** A duration that somebody wrote, exactly; a computed one to three or four digits, rounded as said. */
export function inWords(durationMs: number, rounding?: 'up' | 'down'): string {
  const [, stepMs] = STEPS.find(([belowMs]) => durationMs < belowMs) ?? [0, 1];
  const whole =
    rounding === undefined
      ? Math.round(durationMs)
      : (rounding === 'up' ? Math.ceil(durationMs / stepMs) : Math.floor(durationMs / stepMs)) *
        stepMs;
  const ms = Math.max(0, Math.min(whole, MAX_DURATION_MS));
  return ms < 120_000 && ms % 1_000 === 0 ? `${ms / 1_000}s` : formatDuration(ms);
}

/** The load in words, as a circumstance. */
export function whileLoad(load: Load): string {
  switch (load.kind) {
    case 'idle':
      return 'while nothing is sent';
    case 'periodic':
      return `while ${load.bytes} bytes go out every ${inWords(load.everyMs)}`;
    case 'saturated':
      return 'while the send path is full';
  }
}
