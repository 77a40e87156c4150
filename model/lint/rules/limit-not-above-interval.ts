/** One end gives up before the other has to say anything. */
import { roundedClock } from '../../mechanisms/granularity.ts';
import { patiences, timelyAnswers, type Patience } from '../../signs/patience.ts';
import { heardAt } from '../../stack/index.ts';
import type { Load } from '../../scenario/types.ts';
import { called, firstOf, setting } from '../link.ts';
import { living } from '../story.ts';
import type { PolicySubject, StackSubject } from '../subject.ts';
import { listeningClient, mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor } from '../trials.ts';
import type { StackRule, Problem, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

const NAME = 'limit-not-above-interval';

/** Who waits, and whose heartbeat never comes. */
interface PutOff {
  readonly who: string;
  readonly client: StackSubject['client'];
}

interface Ends {
  readonly who: string;
  readonly other: string;
  readonly everyMs: number | null;
  /** The client, where it is the one that is waited for. */
  readonly speaks: StackSubject['client'] | undefined;
  /** The heartbeat is there, and is put off. */
  readonly putOff?: PutOff | undefined;
}

/** The longest that a deadline waits: one that is looked at by a coarser timer waits for that, too. */
function longestMs({ mechanism, ms }: Patience): number {
  return mechanism.kind === 'receive-deadline'
    ? roundedClock(mechanism.timeoutMs, mechanism.granularity).maxMs
    : ms;
}

/** A heartbeat that what is received puts off, again and again before it is due. */
function putOff(path: string, limitMs: number, { who, client }: PutOff): Problem {
  const name = called(client);
  const { heartbeatMs } = client.hop;
  const beat =
    heartbeatMs === undefined ? 'its heartbeat' : `its heartbeat of ${inWords(heartbeatMs)}`;
  return {
    path,
    message: `${who} gives up after ${inWords(limitMs)} without a sign of life, and ${name} puts ${beat} off with everything that it receives: while messages come more often, it never sends one, and a connection with which nothing is wrong is cut off.`,
    remedy: `Let ${name} send its heartbeat whatever it receives.`,
    cure: [{ op: 'remove', path: `${client.hop.place}/options/heartbeat_put_off_by` }],
  };
}

function problem(path: string, limitMs: number, ends: Ends): Problem {
  if (ends.putOff !== undefined) return putOff(path, limitMs, ends.putOff);
  const { who, other, everyMs, speaks } = ends;
  const often =
    everyMs === null
      ? `${other} need not send anything`
      : `${other} sends only every ${inWords(everyMs)}`;
  const beatMs = roundDown(limitMs / 2);
  const cure =
    speaks === undefined ? {} : firstOf(setting(speaks, ({ heartbeatMs }) => heartbeatMs, beatMs));
  return {
    path,
    message: `${who} gives up after ${inWords(limitMs)} without a sign of life, and ${often}: a connection with which nothing is wrong is cut off.`,
    remedy: `Let ${other} send a heartbeat every ${inWords(beatMs)}, half as long as the limit${everyMs === null ? '' : `, or make the limit ${inWords(2 * everyMs)}, twice the interval`}.`,
    ...cure,
  };
}

/** The deadlines of one end that nothing of the other puts off in time. */
function proposals(judge: PolicySubject, load: Load, ends: Ends): readonly Proposal[] {
  const scenario = living(judge, NAME, { kind: 'none' }, load);
  const starved = patiences(judge.policy, scenario).find(
    (one) => one.mechanism.kind === 'receive-deadline' && timelyAnswers(one).length === 0,
  );
  if (starved === undefined) return [];
  const limitMs = longestMs(starved);
  const path = mechanismPath(
    judge,
    judge.policy.mechanisms.indexOf(starved.mechanism),
    'timeoutMs',
  );
  const trials = endedAlive(judge, NAME, healthyFor(load, 4 * limitMs + 10_000), ({ by }) =>
    by === 'receive-deadline' ? problem(path, limitMs, ends) : null,
  );
  return [{ trials }];
}

export const limitNotAboveInterval: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'One end gives up before the other has to say anything.',
  source: 'dotnet/aspnetcore#44197: ClientTimeoutInterval 5 s, KeepAliveInterval 12 s; #8153',
  yieldsTo: ['awaited-sign-never-comes', 'ping-faster-than-min-time', 'server-closes-before-pool'],
  check: (subject) => {
    const { client, server, served } = subject;
    const beat = heardAt(subject.stack, server.index);
    const listening = listeningClient(subject);
    const isPutOff = client.hop.heartbeatPutOffBy !== undefined && subject.load.kind !== 'idle';
    const capital = (name: string): string =>
      name.replace(/^[a-z]/, (letter) => letter.toUpperCase());
    return [
      ...proposals(served, subject.load, {
        who: capital(called(server)),
        other: called(client),
        everyMs: beat?.everyMs ?? served.policy.peerHeartbeat?.everyMs ?? null,
        // A heartbeat that what is received puts off is not cured by its interval.
        speaks: isPutOff ? undefined : client,
        putOff: isPutOff ? { who: capital(called(server)), client } : undefined,
      }),
      ...(listening === null || !subject.isServerStated
        ? []
        : proposals(
            listening,
            { kind: 'idle' },
            {
              who: capital(called(client)),
              other: called(server),
              everyMs: listening.policy.peerHeartbeat?.everyMs ?? null,
              speaks: undefined,
            },
          )),
    ];
  },
};
