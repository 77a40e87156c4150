/** Periods and patience of one mechanism: what the numbers do, other than what they read as. */
import { patiences } from '../../bounds/life/patience.ts';
import type { Mechanism } from '../../policy/types.ts';
import { deciding, ghost, healthyPeer, inWords, mechanismPath } from '../probe.ts';
import type { PolicySubject } from '../subject.ts';
import type { PolicyRule, Problem } from '../types.ts';

const VANISH = { kind: 'vanish', direction: 'both' } as const;

/** What a check of one mechanism finds, for all that act. */
function forEachActing(
  { policy }: PolicySubject,
  check: (mechanism: Mechanism, index: number) => readonly Problem[],
): readonly Problem[] {
  return policy.mechanisms.flatMap((mechanism, index) =>
    mechanism.lost === undefined ? check(mechanism, index) : [],
  );
}

const sweepTakesTwoIntervals: PolicyRule = {
  name: 'sweep-takes-two-intervals',
  severity: 'note',
  summary: 'A sweep finds a ghost within two of its intervals, not one.',
  source: 'websockets/ws, README: How to detect and close broken connections?',
  check: (subject) => {
    const [load] = subject.loads;
    if (load === undefined) return [];
    const bound = ghost(subject, VANISH, load);
    if (bound.by !== 'sweep' || bound.maxMs === null) return [];
    const [index] = deciding(subject, (asked) => ghost(asked, VANISH, load).maxMs);
    const mechanism = index === undefined ? undefined : subject.policy.mechanisms[index];
    if (mechanism === undefined || !('intervalMs' in mechanism)) return [];
    if (bound.maxMs <= mechanism.intervalMs) return [];
    return [
      {
        path: mechanismPath(subject, index, 'intervalMs'),
        message: `A sweep every ${inWords(mechanism.intervalMs)} finds a ghost after up to ${inWords(bound.maxMs, 'up')}: the first sweep after the fault still finds the flag of the pong before it.`,
        remedy: `Halve the interval, or add a reply timer to each ping, to find it within ${inWords(mechanism.intervalMs)}.`,
      },
    ];
  },
};

const replyTimeoutNotBelowInterval: PolicyRule = {
  name: 'reply-timeout-not-below-interval',
  severity: 'warning',
  summary: 'The next ping goes out before the patience for the last one is over.',
  source: 'RFC 6455 §5.5.3: a pong answers the most recent ping; dotnet/aspnetcore#44197',
  check: (subject) =>
    forEachActing(subject, (mechanism, index) => {
      if (!('replyTimeoutMs' in mechanism) || mechanism.replyTimeoutMs === null) return [];
      const { intervalMs, replyTimeoutMs, after } = mechanism;
      // After a reply there is no ping under way.
      if (after === 'last-reply' || replyTimeoutMs < intervalMs) return [];
      return [
        {
          path: mechanismPath(subject, index, 'replyTimeoutMs'),
          message: `A ping goes out every ${inWords(intervalMs)}, and its answer is waited for ${inWords(replyTimeoutMs)}: several are under way at once, a pong does not say which it answers, and a heartbeat that starts its timer anew with each ping never judges.`,
          remedy: `Wait for less than ${inWords(intervalMs)}, or send the next ping after the reply to the last.`,
        },
      ];
    }),
};

const pingWithoutVerdict: PolicyRule = {
  name: 'ping-without-verdict',
  severity: 'warning',
  summary: 'Pings are sent, and nobody waits for an answer.',
  source: 'crossbario/autobahn-js#380; cesanta/mongoose#751; lalinsky/dusty#77',
  check: (subject) =>
    forEachActing(subject, (mechanism, index) => {
      if (!('replyTimeoutMs' in mechanism) || mechanism.replyTimeoutMs !== null) return [];
      if (patiences(subject.policy, healthyPeer(subject)).length > 0) return [];
      return [
        {
          path: mechanismPath(subject, index, 'replyTimeoutMs'),
          message: `A ping goes out every ${inWords(mechanism.intervalMs)}, and nobody waits for its pong: it keeps boxes on the way awake and finds no ghost itself.`,
          remedy: 'Set replyTimeoutMs, or let a sweep judge by the pongs.',
        },
      ];
    }),
};

const looksRoundUp: PolicyRule = {
  name: 'looks-round-up',
  severity: 'note',
  summary: 'A grace that is no whole number of looks is rounded up to one.',
  source: 'oven-sh/bun#2988: a granularity of 4 s that nobody states',
  check: (subject) =>
    forEachActing(subject, (mechanism, index) => {
      if (!('graceMs' in mechanism && 'everyMs' in mechanism)) return [];
      const { graceMs, everyMs } = mechanism;
      // The age of an unanswered message is exact; only what is looked at is rounded.
      if (mechanism.progress === 'application-ack' || graceMs % everyMs === 0) return [];
      const realMs = Math.ceil(graceMs / everyMs) * everyMs;
      return [
        {
          path: mechanismPath(subject, index, 'graceMs'),
          message: `A grace of ${inWords(graceMs)}, looked at every ${inWords(everyMs)}, is ${inWords(realMs)} in effect.`,
          remedy: `Make it a whole number of looks, e.g. ${inWords(realMs)}.`,
        },
      ];
    }),
};

export const timingRules = [
  sweepTakesTwoIntervals,
  replyTimeoutNotBelowInterval,
  pingWithoutVerdict,
  looksRoundUp,
];
