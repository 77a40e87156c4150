/** A reader as fast as its writer: the queue stands, and every byte is acknowledged. */
import { indexOfEnding } from '../ask.ts';
import { changing } from '../cure.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'kills-steady-queue';
const PLATEAU_MS = 75_000;

export const killsSteadyQueue: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A client that reads as fast as the server writes is reaped: its queue does not shrink.',
  source: 'A single-seat server whose stall timer looked at the queue alone',
  check: (subject) => {
    // A pong behind the queue is the slow reader's rule.
    const looks = subject.policy.mechanisms.some(
      (one) => one.kind === 'send-stall' && one.lost === undefined,
    );
    if (!looks) return [];
    const silence = {
      kind: 'plateau',
      queueBytes: 131_072,
      bytesPerSecond: 16_384,
      lengthMs: PLATEAU_MS,
    } as const;
    const load = { kind: 'periodic', bytes: 8_192, everyMs: 500, direction: 'server' } as const;
    const life = { silence, load, lengthMs: PLATEAU_MS };
    const trials = endedAlive(subject, NAME, life, ({ by }) => {
      if (by !== 'send-stall') return null;
      const index = indexOfEnding(subject, by);
      return {
        path: mechanismPath(subject, index),
        message: `A ${subject.peer} whose queue stays at one length for ${inWords(PLATEAU_MS)} is ended (by ${by}), though its bytes are acknowledged all along.`,
        remedy: 'Look at bytes acknowledged (tcpi_bytes_acked), not at the length of the queue.',
        ...changing(subject, index ?? -1, (one) =>
          one.kind === 'send-stall' ? { ...one, progress: 'bytes-acked' } : one,
        ),
      };
    });
    return [{ trials }];
  },
};
