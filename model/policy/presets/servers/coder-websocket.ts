/** coder/websocket leaves pings to the application and dead peers to TCP. */
import { fixedPreset } from '../definition.ts';
import { goNetDefaults } from '../runtimes/go.ts';

export const coderWebSocket = fixedPreset({
  name: 'coder-websocket',
  aliases: ['nhooyr-websocket'],
  tags: ['server'],
  title: "coder/websocket: no keepalive of its own, Go's TCP keepalive below",
  claim: 'TCP keepalive is enough.',
  truth:
    'For an idle ghost: 135 s to 150 s after it is gone. With unacknowledged data TCP keepalive stops and tcp_retries2 rules; a frozen client is never found.',
  source: 'coder/websocket, README; golang/go, net.KeepAliveConfig',
  assumes: ['the server listens with net/http and never calls Ping'],
  runtime: goNetDefaults,
  notModelled: ['a Ping(ctx) of the application is a heartbeat of its own'],
  mechanisms: [{ kind: 'keepalive', idleMs: '15s', intervalMs: '15s', probes: 9 }],
});
