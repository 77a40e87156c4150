/** A server that waits for a sign of life which its client never gives. */
import { kindOf } from '../../mechanisms/index.ts';
import type { WithheldSign } from '../../scenario/types.ts';
import { called } from '../link.ts';
import { indexOfEnding } from '../ask.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'awaited-sign-never-comes';

const WORDS: Readonly<Record<WithheldSign, string>> = {
  pong: 'pong',
  'application-pong': 'pong of its application',
  'application-ack': 'acknowledgement of its application',
  heartbeat: 'heartbeat',
};

export const awaitedSignNeverComes: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'A server waits for a sign of life that its client never gives.',
  source:
    'laravel/reverb#224: no pong to pusher:ping, cut after three minutes; mattermost/mattermost#17197; boazsegev/iodine#123',
  check: ({ load, client, server, served }) => {
    const { neverSends } = client.hop;
    if (neverSends === undefined) return [];
    const longestMs = served.policy.mechanisms.reduce(
      (sum, one) => sum + kindOf(one).lastStrikeMs(one),
      0,
    );
    const life = healthyFor(load, 4 * longestMs + 10_000, { neverSends });
    const trials = endedAlive(served, NAME, life, ({ by, endedMs }) => {
      const signs = neverSends.map((sign) => WORDS[sign]).join(', no ');
      return {
        path: mechanismPath(served, indexOfEnding(served, by)),
        message: `${called(server)} waits for a sign of life (${by}) that ${called(client)} never gives: no ${signs}. Every connection is cut, this one ${inWords(Math.round((endedMs ?? 0) / 1_000) * 1_000)} after it was opened, with nothing wrong.`,
        remedy: `Let ${called(client)} answer, or let ${called(server)} take another sign for life: any byte, or an answer that the library gives by itself (a WebSocket pong).`,
      };
    });
    return [{ trials }];
  },
};
