/** HAProxy's tunnel: every timeout is infinite until it is set, and without its own the tunnel has those of both sides. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { flag, IDLE_MS, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

const idle = { bare: 'ms', plausibleMs: IDLE_MS } as const;

export const haproxyTunnel = definePreset({
  name: 'haproxy-tunnel',
  aliases: ['haproxy'],
  tags: ['proxy'],
  title: 'HAProxy tunnel: no timeouts',
  claim:
    'The proxy cleans up dead connections; timeout client is for requests, not for a WebSocket.',
  truth:
    'Not by default: none of timeout tunnel, client, server or tcp-ut has a value, and unset means infinite. Once a connection is upgraded timeout tunnel supersedes client and server; where it is not set, or 0, the shorter of those two ends a quiet tunnel: a WebSocket without a message is cut after timeout client 30s.',
  source:
    'haproxy/haproxy@50872daa6, doc/configuration.txt (timeout tunnel), src/stream.c (tunnel_timeout); nextcloud/HaRP#115',
  assumes: [
    'an upgraded connection; option independent-streams is off, so that what is written to a side counts for it as well',
    'the option clitcpka of the side that is judged, here the client',
  ],
  runtime: cPlain,
  notModelled: [
    'timeout client-fin and server-fin, which hold once one side has been shut down',
    'hard-stop-after as a policy: in a stack it is an option of the proxy',
  ],
  options: {
    tunnel: timeOrOff('off', 'timeout tunnel: silence of both sides.', idle),
    client: timeOrOff('off', 'timeout client: holds for the tunnel where tunnel is off.', idle),
    server: timeOrOff('off', 'timeout server: holds for the tunnel where tunnel is off.', idle),
    'tcp-ut': timeOrOff('off', 'TCP_USER_TIMEOUT of the bind line.', { bare: 'ms' }),
    clitcpka: flag(false, 'option clitcpka: SO_KEEPALIVE towards the client.'),
    ...keepaliveOptions('clitcpka-idle', 'clitcpka-intvl', 'clitcpka-cnt'),
  },
  mechanisms: (set) => {
    const sides = [set.client, set.server].filter((ms) => ms !== null);
    const idleMs = set.tunnel ?? (sides.length === 0 ? null : Math.min(...sides));
    return [
      ...(idleMs === null
        ? []
        : [
            {
              kind: 'receive-deadline',
              timeoutMs: idleMs,
              life: ['any-byte', 'send-accepted', 'drained'],
            } as const,
          ]),
      ...(set['tcp-ut'] === null
        ? []
        : [{ kind: 'user-timeout', timeoutMs: set['tcp-ut'] } as const]),
      ...(set.clitcpka
        ? [keepaliveOf(set['clitcpka-idle'], set['clitcpka-intvl'], set['clitcpka-cnt'])]
        : []),
    ];
  },
});
