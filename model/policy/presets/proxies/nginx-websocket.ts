/** nginx in front of an upgraded connection, towards its client or its upstream. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { flag, IDLE_MS, time, word } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const nginxWebSocket = definePreset({
  name: 'nginx-websocket',
  aliases: ['nginx'],
  tags: ['proxy'],
  title: 'nginx tunnel: proxy_read_timeout 60 s, send_timeout 60 s',
  claim: 'proxy_read_timeout closes a tunnel when the upstream is silent for 60 s.',
  truth:
    'Every event in either direction starts the 60 s again, so traffic of one side keeps a dead other side. A side that takes nothing any more is closed 60 s after its buffers are full. so_keepalive and proxy_socket_keepalive are off.',
  source:
    'nginx/nginx@3f6f7824d, src/http/ngx_http_upstream.c, ngx_http_upstream_process_upgraded; ngx_http_core_module, listen … so_keepalive',
  assumes: [
    'proxy_pass of an upgraded request; the side that is judged is the client, or with side=upstream the server behind',
  ],
  runtime: cPlain,
  notModelled: [
    'worker_shutdown_timeout as a policy: in a stack it is an option of the proxy',
    'a timer that is set again within 300 ms keeps its old time: up to 300 ms sooner',
  ],
  options: {
    proxy_read_timeout: time('60s', 'Silence of both sides.', { bare: 's', plausibleMs: IDLE_MS }),
    send_timeout: time('60s', 'How long a write to the client may be blocked.', { bare: 's' }),
    proxy_send_timeout: time('60s', 'How long a write to the upstream may be blocked.', {
      bare: 's',
    }),
    side: word('client', 'Whose end of the tunnel is judged.', ['client', 'upstream']),
    reset_timedout_connection: flag(false, 'Whether what has timed out is reset, not closed.'),
    so_keepalive: flag(
      false,
      'SO_KEEPALIVE: so_keepalive=on of listen, or proxy_socket_keepalive of the upstream.',
    ),
    ...keepaliveOptions('keepidle', 'keepintvl', 'keepcnt'),
  },
  mechanisms: (set) => {
    const verdict = set.reset_timedout_connection ? 'reset' : 'destroy';
    return [
      {
        kind: 'receive-deadline',
        timeoutMs: set.proxy_read_timeout,
        life: ['any-byte', 'send-accepted', 'drained'],
        verdict,
      },
      {
        kind: 'write-deadline',
        timeoutMs: set.side === 'client' ? set.send_timeout : set.proxy_send_timeout,
        verdict,
      },
      ...(set.so_keepalive ? [keepaliveOf(set.keepidle, set.keepintvl, set.keepcnt)] : []),
    ];
  },
});
