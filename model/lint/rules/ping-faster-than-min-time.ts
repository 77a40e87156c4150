/** A client that pings more often than it may. */
import { indexOf } from '../ask.ts';
import { heardAt, type Beat, type Measure } from '../../stack/index.ts';
import { at, called, firstOf, setting } from '../link.ts';
import { living } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import type { PingStrikesMechanism } from '../../policy/types.ts';
import type { StackRule, Problem, Trial } from '../types.ts';
import { inWords, roundUp } from '../words.ts';

const NAME = 'ping-faster-than-min-time';
/** The delay of an ordinary path varies by so much. */
const JITTER_MS = 30;
const PINGS_WATCHED = 12;

function wording(subject: StackSubject, beat: Beat, index: number, minMs: number): Problem {
  const { everyMs, from } = beat;
  const pings: Measure = ({ heartbeatMs }) => heartbeatMs;
  const enoughMs = roundUp(minMs + Math.max(1_000, minMs / 10));
  const who = called(from);
  const often =
    everyMs < minMs
      ? 'it ends the connection after a few (GOAWAY, too_many_pings), though both are well'
      : `a ping whose way is a moment shorter than that of the one before comes too soon, and after a few the connection is ended (GOAWAY, too_many_pings; seen with ${JITTER_MS} ms of jitter)`;
  return {
    path: at(from, pings),
    message: `${who} pings every ${inWords(everyMs)}, and ${called(subject.server)} forgives one every ${inWords(minMs)} (${mechanismPath(subject.served, index, 'minIntervalMs')}): ${often}.`,
    remedy: `Ping every ${inWords(enoughMs)} or less often, or lower MinTime below ${inWords(everyMs)}.`,
    ...firstOf(setting(from, pings, enoughMs, 'at-least')),
  };
}

function trials(
  subject: StackSubject,
  beat: Beat,
  strikes: PingStrikesMechanism,
): readonly Trial[] {
  const { served } = subject;
  const index = served.policy.mechanisms.indexOf(strikes);
  const { minIntervalMs } = strikes;
  const watchMs = PINGS_WATCHED * beat.everyMs;
  const tried = (jitterMs: number): Trial => ({
    policy: served.policy,
    scenario: living(served, NAME, { kind: 'none' }, subject.load, {
      watchMs,
      ...(jitterMs === 0 ? {} : { jitterMs }),
    }),
    expect: { kind: 'ended-alive' },
    lives: 20,
    tell: ({ by }) => {
      if (by !== 'ping-strikes') return null;
      const problem = wording(subject, beat, index, minIntervalMs);
      return beat.everyMs < minIntervalMs ? problem : { ...problem, severity: 'warning' };
    },
  });
  if (beat.everyMs < minIntervalMs) return [tried(0)];
  return beat.everyMs <= minIntervalMs + JITTER_MS ? [tried(JITTER_MS)] : [];
}

export const pingFasterThanMinTime: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'The client pings faster than the server forgives, or just as fast.',
  source:
    'gRFC A8 (MinTime, too_many_pings); golang/go#70575; grpc/grpc#33661, #28830; envoyproxy/go-control-plane#449',
  check: (subject) => {
    const { served } = subject;
    const beat = heardAt(subject.stack, subject.server.index);
    const strikes = served.policy.mechanisms[indexOf(served, 'ping-strikes')];
    if (beat === undefined || strikes?.kind !== 'ping-strikes') return [];
    return [{ trials: trials(subject, beat, strikes) }];
  },
};
