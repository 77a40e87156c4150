/** A peer whose process is stopped while its kernel still answers. */
import { addingPing } from '../cure.ts';
import { FREEZE } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { unnoticed } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { whileLoad } from '../words.ts';

const NAME = 'frozen-peer-unseen';

export const frozenPeerUnseen: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: 'A peer whose process is stopped, while its kernel still answers, is never noticed.',
  source: 'net/ipv4/tcp_timer.c, tcp_probe_timer: answered probes go on for ever',
  yieldsTo: ['mechanism-lost', 'ping-without-verdict'],
  check: (subject) => {
    const trials = subject.loads.flatMap((load) =>
      unnoticed(subject, NAME, FREEZE, load, () => ({
        path: mechanismPath(subject, undefined),
        message: `A ${subject.peer} whose process is stopped ${whileLoad(load)} is never noticed: its kernel goes on acknowledging bytes and answering probes.`,
        remedy:
          'Ask for an answer that only the application can give, and wait for it: a ping with a reply timer, or a deadline on each request.',
        cure: addingPing(subject, {
          kind: 'ping',
          intervalMs: 30_000,
          after: 'last-ping',
          replyTimeoutMs: 20_000,
          replyClock: 'enqueued',
          life: ['any-byte'],
        }),
      })),
    );
    return [{ trials }];
  },
};
