/** nginx in front of an upgraded connection, as its upstream or its client sees it. */
import { definePreset } from '../definition.ts';
import { time } from '../options.ts';

export const nginxWebSocket = definePreset({
  name: 'nginx-websocket',
  aliases: ['nginx'],
  tags: ['proxy'],
  title: 'nginx tunnel: proxy_read_timeout 60 s, send_timeout 60 s',
  claim: 'proxy_read_timeout closes a tunnel when the upstream is silent for 60 s.',
  truth:
    'Every event in either direction starts the 60 s again, so traffic of one side keeps a dead other side. A side that takes nothing any more is closed 60 s after its buffers are full.',
  source: 'nginx/nginx@3f6f7824d, src/http/ngx_http_upstream.c, ngx_http_upstream_process_upgraded',
  options: {
    proxy_read_timeout: time('60s', 'Silence of both sides.', { bare: 's' }),
    send_timeout: time('60s', 'How long a write may be blocked.', { bare: 's' }),
  },
  mechanisms: (set) => [
    {
      kind: 'receive-deadline',
      timeoutMs: set.proxy_read_timeout,
      life: ['any-byte', 'send-accepted', 'drained'],
    },
    { kind: 'write-deadline', timeoutMs: set.send_timeout },
  ],
});
