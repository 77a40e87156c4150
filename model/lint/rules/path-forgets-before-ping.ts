/** A box on the way that gives a quiet connection up before anything is sent on it. */
import { ghostMs } from '../ask.ts';
import { answersPings, type Measure } from '../../stack/index.ts';
import type { Box } from '../subject.ts';
import { asksEveryMs, at, called, firstOf, policyAtBox, quietAtBox, setting } from '../link.ts';
import { expiryInWords, givenUp, isTight } from '../expiry.ts';
import { isHarmless } from '../pool.ts';
import { gone, SATURATED } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import type { StackRule, Problem, Proposal } from '../types.ts';
import { inWords, roundDown, roundUp } from '../words.ts';

const NAME = 'path-forgets-before-ping';

const idleOf: Measure = ({ idleMs }) => idleMs;

/** What becomes of the server's end where the box tells nobody. */
function silentEnd({ served }: StackSubject, idleMs: number): string {
  const [load] = served.loads;
  if (load === undefined || served.stated.mechanisms.length === 0) return '';
  const boundMs = ghostMs(served.policy, gone(served, NAME, { kind: 'nat-expiry', idleMs }, load));
  if (boundMs === undefined) return '';
  return boundMs === null
    ? ', and the server keeps a ghost for ever'
    : `, and the server keeps a ghost for up to ${inWords(boundMs, 'up')}`;
}

/** The cure: more patience of a proxy that is asked in time, else a question of the server, else of the client, that often. */
function cureOf(subject: StackSubject, box: Box, everyMs: number | null, askMs: number) {
  const { client, server } = subject;
  if (answersPings(subject.stack, box)) return {};
  const isProxy = box.hop.role === 'proxy' && everyMs !== null;
  return firstOf(
    isProxy ? setting(box, idleOf, roundUp(2 * everyMs), 'at-least') : undefined,
    setting(server, asksEveryMs, askMs, 'at-most'),
    setting(client, ({ heartbeatMs }) => heartbeatMs, askMs),
  );
}

function proposal(subject: StackSubject, box: Box): Proposal | null {
  const { load: own } = subject;
  const { idleMs = null, atExpiry = 'close' } = box.hop;
  if (idleMs === null || !subject.isServerStated || isHarmless(subject, box)) return null;
  const policy = policyAtBox(subject, box);
  const everyMs = quietAtBox(subject, box);
  if (everyMs !== null && everyMs < idleMs && !isTight(subject, idleMs, everyMs)) return null;
  const often =
    everyMs === null
      ? 'nothing need be sent at all'
      : `something is sent only every ${inWords(everyMs)}`;
  const end = atExpiry === 'silent' ? silentEnd(subject, idleMs) : '';
  const askMs = roundDown(idleMs / 2);
  const answers = answersPings(subject.stack, box);
  const why = answers
    ? ` (HTTP/2 pings end at ${called(box)}, and are no data to it)`
    : box.hop.role === 'proxy'
      ? ' (keepalive probes do not pass a proxy)'
      : '';
  const problem: Problem = {
    path: at(box, idleOf),
    message: `While both ends are well ${often}, and after ${inWords(idleMs)} without traffic ${called(box)} ${expiryInWords(atExpiry)}${end}.`,
    remedy: `${answers ? 'Send a message' : 'Ping'} at least every ${inWords(askMs)}${why}, or raise the idle time of ${called(box)}${everyMs === null ? '' : ` to ${inWords(roundUp(2 * everyMs))}`}.`,
    ...cureOf(subject, box, everyMs, askMs),
  };
  const load = own.kind === 'saturated' ? SATURATED : own;
  return { trials: givenUp(subject, NAME, box, { policy, load }, problem) };
}

export const pathForgetsBeforePing: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'A box on the way forgets or closes a quiet connection before anything is sent on it.',
  source:
    'RFC 5382 REQ-5; AWS NLB and NAT gateway 350 s, Azure LB 240 s, ALB and nginx 60 s by default; mattermost/docs#8929',
  check: (subject) => subject.boxes.flatMap((box) => proposal(subject, box) ?? []),
};
