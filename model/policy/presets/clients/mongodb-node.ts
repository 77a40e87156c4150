/** The MongoDB driver for Node: TCP keepalive after two minutes, and no patience of its own with a command. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, KEEPALIVE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

export const mongodbNode = definePreset({
  name: 'mongodb-node',
  aliases: ['mongodb', 'mongoose'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'MongoDB driver for Node: keepAliveInitialDelay 120 s, socketTimeoutMS 0',
  claim: 'Keepalive of 120 s is followed by 11 min of probes (9 × 75 s).',
  truth:
    'Node sets the probes to 10, a second apart: 130 s after the last segment. A command on a dead connection hangs until tcp_retries2, some 16 min, unless socketTimeoutMS is set; idle connections are kept for ever.',
  source:
    'mongodb/node-mongodb-native@bb35ded18a (7.5), src/cmap/connect.ts, connection_pool.ts; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; a connection of the pool, not the monitor, which asks every 10 s'],
  runtime: nodeNet,
  notModelled: [
    'the monitor: when it finds the server gone, the pool is cleared, and commands under way fail with it',
    'maxIdleTimeMS is looked at when a connection is taken, and by the pool that fills itself: here at its instant',
  ],
  options: {
    keepAliveInitialDelay: timeOrOff(
      '120s',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
    socketTimeoutMS: timeOrOff('off', 'Patience for a reply.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    maxIdleTimeMS: timeOrOff('off', 'Unused for so long: closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => [
    nodeKeepAlive(set.keepAliveInitialDelay ?? 0),
    ...(set.socketTimeoutMS === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.socketTimeoutMS } as const]),
    ...(set.maxIdleTimeMS === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.maxIdleTimeMS, verdict: 'destroy' } as const]),
  ],
});
