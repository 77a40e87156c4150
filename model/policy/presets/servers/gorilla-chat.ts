/** The chat example of gorilla/websocket, which most Go servers copy. */
import { definePreset } from '../definition.ts';
import { PATIENCE_MS, time } from '../options.ts';
import { goNetDefaults } from '../runtimes/go.ts';

export const gorillaChat = definePreset({
  name: 'gorilla-chat',
  aliases: ['gorilla'],
  tags: ['server'],
  title: 'gorilla/websocket chat: pongWait 60 s, pingPeriod 54 s, writeWait 10 s',
  claim: 'A client has 60 s to answer.',
  truth:
    'A ghost stands 6 s to 60 s. But pong k + 1 must come within 60 s of pong k, and pings are 54 s apart: a living client may be 6 s late, no more, less than the 10 s for which one blocked write may hold the ping up.',
  source: 'gorilla/websocket, examples/chat/client.go',
  assumes: [
    'the chat example as it is copied, on net/http: the pong handler puts off the read deadline, nothing else does',
  ],
  runtime: goNetDefaults,
  notModelled: [
    'readPump and writePump close the connection when the other ends; a verdict of either is one verdict here',
  ],
  options: {
    pongWait: time('60s', 'Read deadline, put off by a pong alone.', { bare: 's' }),
    pingPeriod: time('54s', 'Time between two pings.', { bare: 's' }),
    writeWait: time('10s', 'Deadline of each write.', { bare: 's', plausibleMs: PATIENCE_MS }),
  },
  mechanisms: ({ pongWait, pingPeriod, writeWait }) => [
    { kind: 'ping', intervalMs: pingPeriod, replyTimeoutMs: null },
    { kind: 'receive-deadline', timeoutMs: pongWait, life: ['pong'] },
    { kind: 'write-deadline', timeoutMs: writeWait },
  ],
});
