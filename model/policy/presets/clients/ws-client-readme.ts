/** The client's half of the README of `ws`: the server pings, and the client counts the time between. */
import { definePreset } from '../definition.ts';
import { PATIENCE_MS, time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const wsClientReadme = definePreset({
  name: 'ws-client-readme',
  aliases: ['ws-client'],
  tags: ['client'],
  title: 'The README of ws, client: terminate 31 s after the last ping',
  claim: 'A dead server is noticed after 31 s.',
  truth:
    '1 s to 31 s after it is gone. Only a ping of the server counts: a server that sends data and delays its ping by a second is dropped.',
  source: 'websockets/ws@a2f4e7c0, README.md, client example',
  assumes: ['the server pings every interval; the client runs the code of the README'],
  runtime: nodeNet,
  options: {
    interval: time('30s', 'The server pings so often.', { bare: 'ms' }),
    latency: time('1s', 'What a ping may be late.', { bare: 'ms', plausibleMs: PATIENCE_MS }),
  },
  mechanisms: ({ interval, latency }) => [
    { kind: 'receive-deadline', timeoutMs: interval + latency, life: ['ping'] },
  ],
  peerHeartbeat: ({ interval }) => ({
    everyMs: interval,
    sign: 'ping',
    bytes: 2,
    sentBy: 'websocket',
  }),
});
