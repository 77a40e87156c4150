/** The client of graphql-ws: pings of the protocol, which are off, and whose answers its caller has to watch. */
import { definePreset } from '../definition.ts';
import { given } from '../given.ts';
import { timeOrOff } from '../options.ts';
import { browser } from '../runtimes/others.ts';

export const graphqlWsClient = definePreset({
  name: 'graphql-ws-client',
  tags: ['client'],
  title: 'graphql-ws, client: keepAlive 0',
  claim: 'keepAlive finds a dead server.',
  truth:
    'It only sends pings, so long after the last message; nobody waits for the pong unless the application does, as its documentation shows with 5 s and close(4408). As it comes nothing is sent, and an idle ghost stands for ever.',
  source: 'enisdenjo/graphql-ws@af4f5c9, src/client.ts (keepAlive, queuedPing)',
  assumes: [
    'the protocol graphql-transport-ws, whose Ping and Pong are messages of the application',
  ],
  runtime: browser,
  options: {
    keepAlive: timeOrOff('off', 'From the last message to a ping.', { bare: 'ms' }),
    pongTimeout: timeOrOff('off', "The application's patience with a ping; off = none.", {
      bare: 'ms',
    }),
  },
  mechanisms: (set) =>
    given(set.keepAlive, (intervalMs) => ({
      kind: 'ping',
      intervalMs,
      after: 'last-life',
      replyTimeoutMs: set.pongTimeout,
      replyClock: 'enqueued',
      life: ['pong', 'message'],
      answeredBy: 'application',
      verdict: 'close',
    })),
});
