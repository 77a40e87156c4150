/** Phoenix: Cowboy's idle timeout, fed by the heartbeat of the JavaScript client. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, time } from '../options.ts';
import { cowboyIdle } from './cowboy-ws.ts';
import { ranch } from '../runtimes/others.ts';

export const phoenixServerClient = definePreset({
  name: 'phoenix-server+client',
  aliases: ['phoenix', 'phoenix-server'],
  tags: ['server'],
  title: 'Phoenix: timeout 60 s, client heartbeat every 30 s',
  claim: 'A client that misses two heartbeats is gone after 60 s.',
  truth:
    '30 s to 66 s after it is gone. The heartbeat is a timer of the page: a hidden tab whose timers run once a minute lives on a margin of 6 s.',
  source: 'phoenixframework/phoenix@167c46950, lib/phoenix/transports, assets/js/phoenix/socket.js',
  assumes: ['Phoenix on plug_cowboy, with the heartbeat of phoenix.js'],
  runtime: ranch,
  notModelled: ['on Bandit, the default of new projects, idle_timeout is one timer, not ten ticks'],
  options: {
    timeout: time('60s', 'Silence after which the server closes.', {
      bare: 'ms',
      minMs: 10,
      plausibleMs: IDLE_MS,
    }),
    heartbeatIntervalMs: time('30s', "Time between two of the client's heartbeats.", {
      bare: 'ms',
    }),
  },
  mechanisms: ({ timeout }) => [cowboyIdle(timeout)],
  // ["…","…","phoenix","heartbeat",{}] with its masked header.
  peerHeartbeat: ({ heartbeatIntervalMs }) => ({ everyMs: heartbeatIntervalMs, bytes: 46 }),
});
