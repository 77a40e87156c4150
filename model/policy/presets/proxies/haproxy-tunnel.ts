/** HAProxy's tunnel: every timeout is infinite until it is set. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';

export const haproxyTunnel = definePreset({
  name: 'haproxy-tunnel',
  aliases: ['haproxy'],
  tags: ['proxy'],
  title: 'HAProxy tunnel: no timeouts',
  claim: 'The proxy cleans up dead connections.',
  truth:
    'Not by default: none of timeout tunnel, client, server, client-fin or tcp-ut has a value, and unset means infinite. `timeout tunnel` supersedes client and server once a connection is upgraded.',
  source: 'haproxy/haproxy@50872daa6, doc/configuration.txt',
  options: {
    tunnel: timeOrOff('off', 'timeout tunnel: silence of both sides.', { bare: 'ms' }),
    'tcp-ut': timeOrOff('off', 'TCP_USER_TIMEOUT of the bind line.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    ...(set.tunnel === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: set.tunnel,
            life: ['any-byte', 'send-accepted', 'drained'],
          } as const,
        ]),
    ...(set['tcp-ut'] === null
      ? []
      : [{ kind: 'user-timeout', timeoutMs: set['tcp-ut'] } as const]),
  ],
});
