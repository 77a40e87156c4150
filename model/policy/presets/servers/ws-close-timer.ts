/** What `ws` does after close(): it waits for the peer's Close frame, for so long. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const wsCloseTimer = definePreset({
  name: 'ws-close-timer',
  aliases: ['ws-close'],
  tags: ['server'],
  title: 'ws: the closing handshake may take 30 s',
  claim: 'close() closes the connection.',
  truth:
    'close() sends a Close frame and keeps the descriptor until the peer answers, or 30 s. It is no reaper: it adds its time to every one that calls close() instead of terminate().',
  source: 'websockets/ws@a2f4e7c0, lib/websocket.js, closeTimeout',
  assumes: ['ws 8.19 or later has the option; before, 30 s were a constant'],
  runtime: nodeNet,
  options: {
    closeTimeout: time('30s', "Patience for the peer's Close frame.", {
      bare: 'ms',
      minMs: 0,
      plausibleMs: { least: 0, most: 600_000 },
    }),
  },
  mechanisms: ({ closeTimeout }) => [{ kind: 'close-handshake', timeoutMs: closeTimeout }],
});
