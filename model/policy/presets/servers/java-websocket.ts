/** Java-WebSocket, server and client: a check every connectionLostTimeout that ends what has had no pong for one and a half. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { jvm } from '../runtimes/others.ts';

export const javaWebSocket = definePreset({
  name: 'java-websocket',
  aliases: ['Java-WebSocket'],
  tags: ['server', 'client'],
  title: 'Java-WebSocket: connectionLostTimeout 60 s',
  claim: 'With 60 s a connection is lost after 90 s, one and a half times the timeout.',
  truth:
    'The time since the last pong is looked at once every 60 s, and its ping leaves at such a look: just after one look it is too young at the next, and the one after finds it. 60 s to 120 s; with 220 s up to 440 s, over 7 min, and so long does a closing handshake hang that nobody answers.',
  source:
    'TooTallNate/Java-WebSocket@afeacbf, AbstractWebSocket.java (executeConnectionLostDetection); Java-WebSocket#1317',
  assumes: ['one timer for all connections of a server, one of its own for each client'],
  runtime: jvm,
  notModelled: [
    'a pong that is later than half an interval is counted at the look after next: here it is given up one look sooner',
  ],
  options: {
    connectionLostTimeout: timeOrOff(
      '60s',
      'Time between two checks; a pong may be 1.5 times old.',
      {
        bare: 's',
      },
    ),
  },
  mechanisms: ({ connectionLostTimeout }) =>
    connectionLostTimeout === null
      ? [{ kind: 'close-handshake', timeoutMs: null }]
      : [
          {
            kind: 'sweep',
            intervalMs: connectionLostTimeout,
            timer: 'shared',
            ping: true,
            life: ['pong'],
            // The connections that are checked include those that are closing.
            whileClosing: true,
          },
          // Nothing else limits it: closeBlocking() waits for the check.
          { kind: 'close-handshake', timeoutMs: null },
        ],
});
