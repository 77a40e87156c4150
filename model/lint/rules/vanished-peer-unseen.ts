/** A peer that vanishes, and nothing asks for it. */
import { adding } from '../cure.ts';
import { keepaliveFor } from '../keepalive.ts';
import { VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { unnoticed } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'vanished-peer-unseen';
/** A minute: shorter than any box on the way forgets, long enough for a lost packet to come again. */
const TIMEOUT_MS = 60_000;

export const vanishedPeerUnseen: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A peer that vanishes without a word is never noticed.',
  source: 'RFC 1122 §4.2.3.6; websockets/ws#484, #759',
  yieldsTo: ['user-timeout-without-keepalive', 'mechanism-lost', 'ping-without-verdict'],
  check: (subject) => {
    const keepalive = keepaliveFor(TIMEOUT_MS);
    const trials = subject.loads.flatMap((load) =>
      unnoticed(subject, NAME, VANISH, load, () => ({
        path: mechanismPath(subject, undefined),
        message: `A ${subject.peer} that vanishes ${whileLoad(load)} stands for ever: its descriptor, memory and place in the drain are never released.`,
        remedy: `Add a ping with a reply timer, or keepalive with a user timeout (e.g. ${inWords(keepalive.idleMs)}, ${inWords(keepalive.intervalMs)} and ${inWords(TIMEOUT_MS)}).`,
        cure: adding(subject, keepalive, { kind: 'user-timeout', timeoutMs: TIMEOUT_MS }),
      })),
    );
    return [{ trials }];
  },
};
