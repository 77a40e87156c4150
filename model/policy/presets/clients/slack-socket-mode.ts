/** @slack/socket-mode: pings of its own, pings of Slack, and patience with both. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const slackSocketMode = definePreset({
  name: 'slack-socket-mode',
  aliases: ['slack', 'bolt-js'],
  tags: ['client'],
  title: '@slack/socket-mode: ping every 5 s, pong within 5 s; a ping of Slack within 30 s',
  claim: 'A pong that is 5 s late means that the connection is lost.',
  truth:
    'At each ping the last pong may be 5 s old: 5 s to 10 s, and the descriptor stays until the next ping finds it still closing, 5 s more. A pause of Slack, or of your own event loop, of more than 5 s ends a living connection; version 2 pinged every third of the timeout and waited 30 s for the close.',
  source:
    'slackapi/node-slack-sdk@4322e14f, packages/socket-mode/src/SlackWebSocket.ts (3.0); slackapi/bolt-js#2496',
  assumes: [
    '@slack/socket-mode 3; one pong has come, before which four pings may go unanswered',
    'Slack pings every serverPingEvery: it does not say how often',
  ],
  runtime: nodeNet,
  notModelled: ['disconnect messages, by which Slack announces that it will close'],
  options: {
    pingInterval: time('5s', 'Time between two pings.', { bare: 'ms' }),
    clientPingTimeout: time('5s', 'How old the last pong may be at a ping.', { bare: 'ms' }),
    serverPingTimeout: time('30s', "Patience for Slack's next ping.", { bare: 'ms' }),
    serverPingEvery: time('10s', 'Slack pings so often.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    {
      kind: 'sweep',
      intervalMs: set.pingInterval,
      timer: 'per-connection',
      ping: true,
      life: ['pong'],
      // The last pong came one round trip after a ping: so many ticks are not older than the timeout.
      misses: Math.max(1, Math.floor(set.clientPingTimeout / set.pingInterval)),
      verdict: 'close',
    },
    {
      kind: 'receive-deadline',
      timeoutMs: set.serverPingTimeout,
      life: ['ping'],
      verdict: 'close',
    },
    { kind: 'close-handshake', timeoutMs: set.pingInterval },
  ],
  peerHeartbeat: ({ serverPingEvery }) => ({
    everyMs: serverPingEvery,
    sign: 'ping',
    bytes: 2,
    sentBy: 'websocket',
  }),
});
