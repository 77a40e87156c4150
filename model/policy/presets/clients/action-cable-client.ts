/** Action Cable's JavaScript client: a message at least every 6 s, looked at every 6 s to 12 s. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { browser } from '../runtimes/others.ts';

/** connection_monitor.js: the next look is after one to two thresholds, drawn each time. */
const LONGEST_POLL = 2;

export const actionCableClient = definePreset({
  name: 'action-cable-client',
  aliases: ['actioncable-client'],
  tags: ['client'],
  title: 'Action Cable client: stale after 6 s, looked at every 6 s to 12 s',
  claim: 'A connection without a ping for 6 s is stale.',
  truth:
    'And noticed at the next look, up to 12 s later: within 18 s. The server pings every 3 s and judges nobody.',
  source:
    'rails/rails@2a2db1e8d6d, actioncable/app/javascript/action_cable/connection_monitor.js, server/connections.rb (BEAT_INTERVAL)',
  assumes: ['the page is visible: one that becomes visible looks at once'],
  runtime: browser,
  notModelled: [
    'each look is drawn anew between one and two thresholds: here it is always two, the latest',
  ],
  options: {
    staleThreshold: time('6s', 'Silence after which the connection is stale.', { bare: 's' }),
    beatInterval: time('3s', 'The server pings so often.', { bare: 's' }),
  },
  mechanisms: ({ staleThreshold }) => [
    {
      kind: 'receive-deadline',
      timeoutMs: staleThreshold,
      life: ['message'],
      granularity: {
        everyMs: LONGEST_POLL * staleThreshold,
        direction: 'up',
        grid: 'connection',
      },
    },
  ],
  // {"type":"ping","message":1700000000}
  peerHeartbeat: ({ beatInterval }) => ({ everyMs: beatInterval, bytes: 38 }),
});
