/** A box on the way that one late heartbeat is enough for. */
import type { Measure } from '../../stack/index.ts';
import type { Box } from '../subject.ts';
import { at, called, firstOf, quietAtBox, setting } from '../link.ts';
import { expiryInWords, isTight } from '../expiry.ts';
import { isHarmless } from '../pool.ts';
import type { StackSubject } from '../subject.ts';
import { note } from '../trials.ts';
import type { StackRule, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

const idleOf: Measure = ({ idleMs }) => idleMs;

function proposal(subject: StackSubject, box: Box): Proposal | null {
  const { idleMs = null, atExpiry = 'close' } = box.hop;
  if (idleMs === null || !subject.isServerStated || isHarmless(subject, box)) return null;
  const everyMs = quietAtBox(subject, box);
  if (everyMs === null || everyMs >= idleMs || 2 * everyMs <= idleMs) return null;
  if (isTight(subject, idleMs, everyMs)) return null;
  const askMs = roundDown(idleMs / 2);
  return note({
    path: at(box, idleOf),
    message: `Something is sent every ${inWords(everyMs)}, and ${called(box)} waits ${inWords(idleMs)}: with a heartbeat that is late by ${inWords(idleMs - everyMs)} it ${expiryInWords(atExpiry)}.`,
    remedy: `Let it wait for ${inWords(2 * everyMs)} at least, or ping every ${inWords(askMs)}.`,
    ...firstOf(setting(box, idleOf, 2 * everyMs)),
  });
}

export const pathIdleBelowTwoHeartbeats: StackRule = {
  name: 'path-idle-below-two-heartbeats',
  severity: 'note',
  summary: 'A single late heartbeat is enough for a box on the way to give up.',
  source: 'The rule of thumb for proxy_read_timeout in front of WebSockets: twice the heartbeat',
  check: (subject) => subject.boxes.flatMap((box) => proposal(subject, box) ?? []),
};
