/** A peer whose application says nothing for a while, though its kernel takes every byte. */
import { kindOf } from '../../mechanisms/index.ts';
import type { Mechanism } from '../../policy/types.ts';
import { indexOfEnding } from '../ask.ts';
import { changing } from '../cure.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { BUSY } from '../story.ts';
import { endsTheHealthy, isVerdict, endedAlive } from '../trials.ts';
import type { PolicyRule, Problem, Seen } from '../types.ts';
import { byWhom, inWords } from '../words.ts';

const NAME = 'kills-paused-client';
/** How long a peer that was seen alive in the field stayed like that. */
const PAUSE_MS = 78_000;

/** Whether only the peer's own application could give the sign that is waited for. */
function isLeftToApplication({ policy }: PolicySubject, judge: Mechanism | undefined): boolean {
  if (judge?.kind === 'send-stall') return false;
  if (policy.peerHeartbeat?.sentBy === 'application') return true;
  return policy.mechanisms.some((one) => kindOf(one).asks(one)?.answeredBy === 'application');
}

function problem(subject: PolicySubject, seen: Seen): Problem {
  const index = indexOfEnding(subject, seen.by);
  const judge = index === undefined ? undefined : subject.policy.mechanisms[index];
  const base = {
    path: mechanismPath(subject, index),
    message: `A ${subject.peer} whose application says nothing for ${inWords(PAUSE_MS)} is ended (${byWhom(seen.by)}), though its kernel acknowledges every byte.`,
  };
  if (isLeftToApplication(subject, judge)) {
    return {
      ...base,
      severity: 'note',
      message: `${base.message} The sign that is waited for is the application's own.`,
      remedy: `Nothing here can tell: keep timers of the ${subject.peer}'s application running (no blocked main thread, no page without timers), or wait longer than its pauses.`,
    };
  }
  return {
    ...base,
    remedy:
      'Count bytes acknowledged by the kernel (tcpi_bytes_acked), or pongs of the library, as life.',
    ...(index !== undefined && judge?.kind === 'send-stall'
      ? changing(subject, index, (one) =>
          one.kind === 'send-stall' ? { ...one, progress: 'bytes-acked' } : one,
        )
      : {}),
  };
}

export const killsPausedClient: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A client whose application pauses, while its kernel takes every byte, is reaped.',
  source: 'A single-seat server whose stall timer counted application acknowledgements',
  yieldsTo: [...endsTheHealthy, 'kills-steady-queue'],
  check: (subject) => {
    const silence = { kind: 'application-pause', lengthMs: PAUSE_MS } as const;
    const life = { silence, load: BUSY, lengthMs: PAUSE_MS };
    return [
      {
        trials: endedAlive(subject, NAME, life, (seen) =>
          isVerdict(seen) ? problem(subject, seen) : null,
        ),
      },
    ];
  },
};
