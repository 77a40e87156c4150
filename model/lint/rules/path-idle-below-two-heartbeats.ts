/** A box on the way that one late heartbeat is enough for. */
import type { Box } from '../subject.ts';
import { at, called, policyAtBox, quietMs } from '../link.ts';
import { expiryInWords, isTight } from '../expiry.ts';
import { isHarmless } from '../pool.ts';
import type { ChainSubject } from '../subject.ts';
import { note } from '../trials.ts';
import type { ChainRule, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

function proposal(subject: ChainSubject, box: Box): Proposal | null {
  const { chain, served } = subject;
  const { idleMs } = box.hop;
  if (idleMs === null || !subject.isServerStated || isHarmless(subject, box)) return null;
  const policy = policyAtBox(chain, subject, served.policy, box);
  const everyMs = quietMs(chain, policy);
  if (everyMs === null || everyMs >= idleMs || 2 * everyMs <= idleMs) return null;
  if (isTight(subject, idleMs, everyMs)) return null;
  const askMs = roundDown(idleMs / 2);
  return note({
    path: at(box, 'idleMs'),
    message: `Something is sent every ${inWords(everyMs)}, and ${called(box)} waits ${inWords(idleMs)}: with a heartbeat that is late by ${inWords(idleMs - everyMs)} it ${expiryInWords(box.hop.atExpiry)}.`,
    remedy: `Let it wait for ${inWords(2 * everyMs)} at least, or ping every ${inWords(askMs)}.`,
    cure: [{ op: 'replace', path: `/hops/${box.index}/idleMs`, value: 2 * everyMs }],
  });
}

export const pathIdleBelowTwoHeartbeats: ChainRule = {
  name: 'path-idle-below-two-heartbeats',
  severity: 'note',
  summary: 'A single late heartbeat is enough for a box on the way to give up.',
  source: 'The rule of thumb for proxy_read_timeout in front of WebSockets: twice the heartbeat',
  check: (subject) => subject.boxes.flatMap((box) => proposal(subject, box) ?? []),
};
