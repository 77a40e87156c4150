/** A peer with which nothing is wrong, and the policy ends it nevertheless. */
import { patiences, type Patience } from '../../signs/patience.ts';
import { kindOf } from '../../mechanisms/index.ts';
import type { Load } from '../../scenario/types.ts';
import { indexOfEnding } from '../ask.ts';
import { addingPing } from '../cure.ts';
import { living } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor, isVerdict, quietOf } from '../trials.ts';
import type { PolicyRule, Problem, Seen } from '../types.ts';
import { byWhom, inWords, measured, roundDown, roundUp, whileLoad } from '../words.ts';

const NAME = 'kills-healthy-client';

/** As long as any patience that people set, and not more than can be played while somebody waits. */
function watchMs({ policy, rttMs }: PolicySubject, load: Load): number {
  const timesMs = policy.mechanisms.flatMap((one) =>
    Object.entries(one).flatMap(([name, value]) =>
      name.endsWith('Ms') && typeof value === 'number' ? [value] : [],
    ),
  );
  const longestMs = 4 * Math.max(rttMs, 1_000, ...timesMs);
  if (load.kind !== 'saturated') return longestMs;
  return Math.min(15_000, longestMs);
}

type Remedy = Pick<Problem, 'remedy' | 'cure'>;

/** How long the soonest answer may take behind what a load puts before it; undefined = there is none. */
function soonestAnswerMs(subject: PolicySubject, index: number, load: Load): number | undefined {
  const scenario = living(subject, 'healthy', { kind: 'none' }, load);
  const mechanism = subject.policy.mechanisms[index];
  const found = patiences(subject.policy, scenario).find((one) => one.mechanism === mechanism);
  const worst = found?.answers.map(({ worstMs }) => worstMs) ?? [];
  return worst.length === 0 ? undefined : Math.min(...worst);
}

/** It waits for a sign that comes, but not soon enough. */
function waitLonger(
  subject: PolicySubject,
  index: number,
  { ms }: Patience,
  gapMs: number,
): Remedy {
  const worst = subject.loads.flatMap((load) => soonestAnswerMs(subject, index, load) ?? []);
  const enoughMs = roundUp(2 * Math.max(gapMs, ...worst));
  const kind = subject.policy.mechanisms[index]?.kind;
  const { mechanisms } = subject.stated;
  // Others of its kind would be the next.
  const cure = subject.cure(
    mechanisms.map((one) => (one.kind === kind ? kindOf(one).waitingFor(one, enoughMs) : one)),
  );
  return {
    remedy: `Wait for longer than the ${inWords(gapMs, 'up')} that a sign of life may take: ${inWords(enoughMs)} instead of ${inWords(ms)}.`,
    ...(index < mechanisms.length ? { cure } : {}),
  };
}

/** It waits for a sign that nobody is asked for. */
function ask(subject: PolicySubject, { ms, mechanism }: Patience): Remedy {
  // A second, and what an answer takes on this path behind a full send path.
  const leastMs = roundUp(2 * (2_000 + 4 * subject.rttMs));
  const waitMs = Math.max(ms, leastMs);
  const everyMs = roundDown(waitMs / 2);
  const wait = waitMs === ms ? '' : `, and wait for ${inWords(waitMs)}`;
  const half = `half of the ${inWords(waitMs)} that it waits`;
  const hears = mechanism.life.some((sign) => sign === 'any-byte' || sign === 'pong');
  if (!hears) {
    return {
      remedy: `Let the ${subject.peer} send a heartbeat every ${inWords(everyMs)}, ${half}${wait}.`,
    };
  }
  const ping = {
    kind: 'ping',
    intervalMs: everyMs,
    after: 'last-ping',
    replyTimeoutMs: null,
    replyClock: 'enqueued',
    life: ['pong'],
  } as const;
  return {
    remedy: `Ask before judging: a ping every ${inWords(everyMs)}, ${half}${wait}; or let the ${subject.peer} send a heartbeat that often.`,
    cure: addingPing(subject, ping, (one) =>
      one.kind === mechanism.kind ? kindOf(one).waitingFor(one, waitMs) : one,
    ),
  };
}

function remedyFor(subject: PolicySubject, index: number | undefined, load: Load): Remedy {
  const mechanism = index === undefined ? undefined : subject.policy.mechanisms[index];
  const scenario = living(subject, 'healthy', { kind: 'none' }, load);
  const patience = patiences(subject.policy, scenario).find((one) => one.mechanism === mechanism);
  if (subject.policy.peerHeartbeat?.putOffBy !== undefined) {
    const everyMs = subject.policy.peerHeartbeat.everyMs;
    return {
      remedy: `Let the ${subject.peer} send its heartbeat every ${inWords(everyMs)} whatever it receives: what puts it off leaves it silent while others talk.`,
    };
  }
  if (patience !== undefined && index !== undefined) {
    const gaps = patience.answers.map(({ gapMs }) => gapMs);
    return gaps.length === 0
      ? ask(subject, patience)
      : waitLonger(subject, index, patience, Math.min(...gaps));
  }
  const path = mechanismPath(subject, index);
  return { remedy: `Give it longer than a healthy ${subject.peer} takes (${path}).` };
}

function problem(subject: PolicySubject, load: Load, seen: Seen): Problem | null {
  if (!isVerdict(seen) && seen.by !== 'ping-strikes') return null;
  const index = indexOfEnding(subject, seen.by);
  return {
    path: mechanismPath(subject, index),
    message: `A ${subject.peer} with which nothing is wrong is ended ${whileLoad(load)}, ${measured(quietOf(seen))} after its last byte, ${byWhom(seen.by)}.`,
    ...remedyFor(subject, index, load),
  };
}

export const killsHealthyClient: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A client with which nothing is wrong is reaped.',
  source: 'websockets/ws#2217; dotnet/aspnetcore#44197',
  yieldsTo: ['ping-faster-than-min-time', 'limit-not-above-interval', 'server-closes-before-pool'],
  check: (subject) => {
    const trials = subject.loads.flatMap((load) => {
      const life = healthyFor(load, watchMs(subject, load));
      const lives = load.kind === 'saturated' ? 1 : 2;
      return endedAlive(subject, NAME, { ...life, lives }, (seen) => problem(subject, load, seen));
    });
    return [{ trials }];
  },
};
