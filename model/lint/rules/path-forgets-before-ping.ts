/** A box on the way that gives a quiet connection up before anything is sent on it. */
import { ghostMs } from '../ask.ts';
import type { Box } from '../subject.ts';
import { at, called, policyAtBox, quietMs } from '../link.ts';
import { expiryInWords, givenUp, isTight } from '../expiry.ts';
import { isHarmless } from '../pool.ts';
import { gone, SATURATED } from '../story.ts';
import type { ChainSubject } from '../subject.ts';
import type { ChainRule, PatchStep, Problem, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

const NAME = 'path-forgets-before-ping';

/** What becomes of the server's end where the box tells nobody. */
function silentEnd({ served }: ChainSubject, idleMs: number): string {
  const [load] = served.loads;
  if (load === undefined || served.stated.mechanisms.length === 0) return '';
  const boundMs = ghostMs(served.policy, gone(served, NAME, { kind: 'nat-expiry', idleMs }, load));
  if (boundMs === undefined) return '';
  return boundMs === null
    ? ', and the server keeps a ghost for ever'
    : `, and the server keeps a ghost for up to ${inWords(boundMs, 'up')}`;
}

/** The cure at the client, where it says what it is: a heartbeat that often. */
function heartbeat({ client }: ChainSubject, everyMs: number): readonly PatchStep[] | undefined {
  if (client === undefined) return undefined;
  const op = client.hop.heartbeatMs === undefined ? 'add' : 'replace';
  return [{ op, path: `/hops/${client.index}/heartbeatMs`, value: everyMs }];
}

function proposal(subject: ChainSubject, box: Box): Proposal | null {
  const { chain, served } = subject;
  const { idleMs } = box.hop;
  if (idleMs === null || !subject.isServerStated || isHarmless(subject, box)) return null;
  const policy = policyAtBox(chain, subject, served.policy, box);
  const everyMs = quietMs(chain, policy);
  if (everyMs !== null && everyMs < idleMs && !isTight(subject, idleMs, everyMs)) return null;
  const often =
    everyMs === null
      ? 'nothing need be sent at all'
      : `something is sent only every ${inWords(everyMs)}`;
  const end = box.hop.atExpiry === 'silent' ? silentEnd(subject, idleMs) : '';
  const askMs = roundDown(idleMs / 2);
  const cure = heartbeat(subject, askMs);
  const problem: Problem = {
    path: at(box, 'idleMs'),
    message: `While both ends are well ${often}, and after ${inWords(idleMs)} without traffic ${called(box)} ${expiryInWords(box.hop.atExpiry)}${end}.`,
    remedy: `Ping at least every ${inWords(askMs)}${box.hop.kind === 'proxy' ? ' (keepalive probes do not pass a proxy)' : ''}, or raise the idle time of ${called(box)}${everyMs === null ? '' : ` to ${inWords(2 * everyMs)}`}.`,
    ...(cure === undefined ? {} : { cure }),
  };
  const load = chain.load.kind === 'saturated' ? SATURATED : chain.load;
  return { trials: givenUp(subject, NAME, box, { policy, load }, problem) };
}

export const pathForgetsBeforePing: ChainRule = {
  name: NAME,
  severity: 'error',
  summary: 'A box on the way forgets or closes a quiet connection before anything is sent on it.',
  source:
    'RFC 5382 REQ-5; AWS NLB and NAT gateway 350 s, Azure LB 240 s, ALB and nginx 60 s by default; mattermost/docs#8929',
  check: (subject) => subject.boxes.flatMap((box) => proposal(subject, box) ?? []),
};
