/** HAProxy as WebSocket proxy: timeout tunnel 5 s beside timeout client and server of 3 s, which it supersedes. */
import type { RecordedSystem } from './types.ts';

const UPSTREAM_PORT = 7_001;

export const haproxy: RecordedSystem = {
  name: 'haproxy',
  policy: 'haproxy(tunnel=5s)',
  debian: ['haproxy'],
  version: { command: 'haproxy', args: ['-v'] },
  protocol: 'websocket',
  stories: [{ story: 'quiet', watchS: 12 }],
  start({ address, port, program, write }) {
    const config = write(
      'haproxy.cfg',
      `defaults
  mode http
  timeout connect 3s
  timeout client 3s
  timeout server 3s
  timeout tunnel 5s
frontend front
  bind ${address}:${port}
  default_backend back
backend back
  server upstream 127.0.0.1:${UPSTREAM_PORT}
`,
    );
    const upstream = [program('websocket-upstream.mjs'), '127.0.0.1', String(UPSTREAM_PORT)];
    return [
      { command: 'node', args: upstream },
      { command: 'haproxy', args: ['-f', config] },
    ];
  },
};
