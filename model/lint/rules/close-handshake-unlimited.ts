/** A closing handshake that may take for ever. */
import { kindOf } from '../../mechanisms/index.ts';
import { indexOf } from '../ask.ts';
import { changing } from '../cure.ts';
import { gone, IDLE } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import type { PolicyRule, Trial } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'close-handshake-unlimited';
/** websockets/ws, lib/websocket.js, closeTimeout. */
const LIMIT_MS = 30_000;

export const closeHandshakeUnlimited: PolicyRule = {
  name: NAME,
  severity: 'note',
  summary: 'A peer that never answers the Close frame keeps its descriptor for ever.',
  source: 'RFC 6455 §7.1.1; TooTallNate/Java-WebSocket#1317; python-websockets/websockets#1527',
  check: (subject) => {
    const { policy } = subject;
    const index = indexOf(subject, 'close-handshake');
    const handshake = policy.mechanisms[index];
    if (handshake?.kind !== 'close-handshake' || handshake.timeoutMs !== null) return [];
    const looks = policy.mechanisms.some((one) => kindOf(one).looksAtClosing?.(one) === true);
    if (looks) return [];
    const sweeps = indexOf(subject, 'sweep') >= 0;
    const trial: Trial = {
      policy,
      scenario: gone(subject, NAME, { kind: 'close-unanswered' }, IDLE),
      expect: { kind: 'never-closed' },
      lives: 1,
      tell: () => ({
        path: mechanismPath(subject, index, 'timeoutMs'),
        message: `A ${subject.peer} that never answers the Close frame keeps its descriptor for ever: the closing handshake has no limit, and nothing looks at connections that are closing.`,
        remedy: `Limit the closing handshake (e.g. ${inWords(LIMIT_MS)})${sweeps ? ', or let the sweep look at closing connections, too (whileClosing)' : ''}.`,
        ...changing(subject, index, (one) =>
          one.kind === 'close-handshake' ? { ...one, timeoutMs: LIMIT_MS } : one,
        ),
      }),
    };
    return [{ trials: [trial] }];
  },
};
