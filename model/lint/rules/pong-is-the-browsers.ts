/** Pongs that say nothing about the page. */
import { patiences } from '../../signs/patience.ts';
import { called } from '../link.ts';
import { healthyPeer } from '../story.ts';
import { note } from '../trials.ts';
import type { StackRule } from '../types.ts';

export const pongIsTheBrowsers: StackRule = {
  name: 'pong-is-the-browsers',
  severity: 'note',
  summary: 'Pongs come from the browser, not from the page: a frozen page still answers.',
  source: 'Chromium, WebSocketChannel::HandleFrameByState: the network service answers pings',
  check: ({ client, served }) => {
    const trusting = patiences(served.policy, healthyPeer(served)).some(({ mechanism }) =>
      mechanism.life.some((sign) => sign !== 'message'),
    );
    const beats = served.policy.peerHeartbeat !== undefined;
    if (client.hop.timers !== 'page' || !trusting || beats) return [];
    return [
      note({
        path: called(client),
        message:
          'The server takes pongs for life, and those of a browser come from its network process: a page that is frozen, or hangs, answers every ping and is never noticed.',
        remedy:
          'Where that matters, ask for an answer of the page itself, at least a minute apart.',
      }),
    ];
  },
};
