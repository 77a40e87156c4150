/** A `ws` server with one heartbeat interval per connection and a client that reconnects. */
import { fixedPreset } from '../definition.ts';
import { nodeNet } from '../runtimes/node.ts';

export const wsHeartbeatPresets = [
  fixedPreset({
    name: 'ws-heartbeat-per-connection',
    tags: ['founding', 'server'],
    title: '30 s heartbeat per connection, verdict at the next tick, pong only',
    claim: 'A missed heartbeat is noticed 5 s later: HEARTBEAT_TIMEOUT = 5000.',
    truth:
      'The 5 s constant is declared and never used. The verdict falls at the next 30 s tick, so a ghost stands 30 to 60 s; messages do not count as life, so a client whose pong waits behind its own upload is reaped.',
    source: 'A `ws` service in production with a heartbeat interval per connection',
    assumes: ['one setInterval per connection, from its accept'],
    runtime: nodeNet,
    mechanisms: [
      { kind: 'sweep', intervalMs: '30s', timer: 'per-connection', ping: true, life: ['pong'] },
    ],
  }),
];
