/** Proxies that people put in front of Kubernetes and elsewhere: ingress-nginx, nginx's stream, Traefik, Caddy, httpd, cloudflared. */
import { definePreset, fixedPreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { AGE_MS, IDLE_MS, time, timeOrOff } from '../options.ts';
import { GO_KEEPALIVE, goKeepAliveOf, goKeepAliveOption, goNetByOption } from '../runtimes/go.ts';
import { cPlain } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';
import { quietTunnel } from './tunnel.ts';

const idle = { bare: 's', plausibleMs: IDLE_MS } as const;

const ingressNginx = definePreset({
  name: 'ingress-nginx',
  aliases: ['nginx-ingress', 'kubernetes-ingress'],
  tags: ['proxy'],
  title: 'ingress-nginx: proxy-read-timeout 60 s, worker-shutdown-timeout 240 s',
  claim: 'An ingress keeps a WebSocket open.',
  truth:
    "nginx's 60 s without an event of either side hold, and what times out is reset, not closed. Each change of an ingress reloads nginx, and 240 s later the old workers are stopped with all their WebSockets.",
  source:
    'kubernetes/ingress-nginx@dbb11b92d (1.15), internal/ingress/controller/config/config.go, rootfs/etc/nginx/template/nginx.tmpl (reset_timedout_connection); nginx/nginx@3f6f7824d, src/http/ngx_http_upstream.c',
  assumes: ['no annotation and no ConfigMap says otherwise; an upgraded connection'],
  runtime: cPlain,
  notModelled: [
    'a reload: worker-shutdown-timeout ends what is left of the old workers after 240 s',
  ],
  options: {
    'proxy-read-timeout': time('60s', 'Silence of both sides.', idle),
    'proxy-send-timeout': time('60s', 'How long a write to the service may be blocked.', idle),
  },
  mechanisms: (set) => [
    { ...quietTunnel(set['proxy-read-timeout']), verdict: 'reset' },
    { kind: 'write-deadline', timeoutMs: set['proxy-send-timeout'], verdict: 'reset' },
  ],
});

const nginxStream = definePreset({
  name: 'nginx-stream',
  tags: ['proxy'],
  title: 'nginx stream: proxy_timeout 10 min',
  claim: 'proxy_read_timeout, 60 s, holds for TCP as well.',
  truth:
    'The stream module has one limit, proxy_timeout: 10 min without a byte either way end both connections. so_keepalive and proxy_socket_keepalive are off.',
  source: 'nginx.org, ngx_stream_proxy_module (proxy_timeout, proxy_socket_keepalive)',
  assumes: ['proxy_pass within stream {}'],
  runtime: cPlain,
  options: { proxy_timeout: time('10m', 'Time without a byte either way.', idle) },
  mechanisms: ({ proxy_timeout }) => [quietTunnel(proxy_timeout)],
});

const traefik = fixedPreset({
  name: 'traefik',
  tags: ['proxy'],
  title: 'Traefik: no idle limit of a WebSocket, TCP keepalive 3 min',
  claim: 'respondingTimeouts.idleTimeout, 180 s, closes a quiet WebSocket.',
  truth:
    'It is for the next request: an upgraded connection has no limit at all. What finds a client that has gone is the keepalive of the entry point, 180 + 9 × 15 = 315 s; one with unacknowledged data is left to tcp_retries2.',
  source:
    'traefik/traefik@fd5a576df2, pkg/server/server_entrypoint_tcp.go (tcpKeepAliveListener), pkg/config/static/static_config.go, pkg/server/service/transport.go; golang/go, src/net/http/server.go (Hijack)',
  assumes: ['Go 1.23 or later; an upgraded connection; the side of the client'],
  runtime: goNetByOption,
  notModelled: [
    'graceTimeOut, 10 s: what is left when Traefik stops',
    'towards the service its dialler has a keepalive of 30 s, 9 × 15 s',
  ],
  mechanisms: [{ kind: 'keepalive', ...GO_KEEPALIVE, idleMs: 180_000 }],
});

const caddy = definePreset({
  name: 'caddy',
  tags: ['proxy'],
  title: "Caddy: no idle limit of a WebSocket, Go's TCP keepalive",
  claim: 'idle_timeout, 5 min, closes a quiet WebSocket.',
  truth:
    "It is for the next request. stream_timeout, off, is an age and no idle limit; Go's keepalive finds a client that has gone after 15 + 9 × 15 = 150 s. A reload of the configuration closes every WebSocket at once unless stream_close_delay is set.",
  source:
    'caddyserver/caddy@0cf03d32f, modules/caddyhttp/server.go, modules/caddyhttp/reverseproxy/reverseproxy.go (StreamTimeout, StreamCloseDelay), streaming.go',
  assumes: ['reverse_proxy of an upgraded request; the side of the client'],
  runtime: goNetByOption,
  notModelled: ['a reload, which ends what is open after stream_close_delay, 0 as it comes'],
  options: {
    stream_timeout: timeOrOff('off', 'Age at which a stream is closed.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
    keepalive_idle: goKeepAliveOption('15s', 'listener'),
  },
  mechanisms: (set) => [
    ...given(set.stream_timeout, (maxMs) => ({ kind: 'age', maxMs, verdict: 'destroy' })),
    ...goKeepAliveOf(set.keepalive_idle),
  ],
});

const apacheProxy = definePreset({
  name: 'apache-proxy',
  aliases: ['mod_proxy', 'mod_proxy_wstunnel'],
  tags: ['proxy'],
  title: 'Apache httpd, mod_proxy: ProxyTimeout, else Timeout, 60 s',
  claim: 'ProxyWebsocketIdleTimeout, off, means that a WebSocket stands for ever.',
  truth:
    'Since 2.4.47 mod_proxy_http has the tunnel: the longer of Timeout and ProxyTimeout without a byte ends it, 60 s as it comes.',
  source:
    'apache/httpd@0cb680442e, modules/proxy/proxy_util.c (ap_proxy_tunnel_create), mod_proxy_http.c, docs/manual/mod/mod_proxy.xml, mod_proxy_wstunnel.xml; include/httpd.h',
  assumes: [
    'httpd 2.4.47 or later, ProxyWebsocketFallbackToProxyHttp On; Timeout is no longer than ProxyTimeout',
  ],
  runtime: {
    ...cPlain,
    name: "httpd's listener, whose options its connections have",
    sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s) towards the client",
    source: 'apache/httpd@0cb680442e, server/listen.c (APR_SO_KEEPALIVE)',
    mechanisms: [SYSTEM_KEEPALIVE],
  },
  options: { ProxyTimeout: time('60s', 'Time without a byte either way.', idle) },
  mechanisms: ({ ProxyTimeout }) => [quietTunnel(ProxyTimeout)],
});

const cloudflared = definePreset({
  name: 'cloudflared',
  aliases: ['cloudflare-tunnel'],
  tags: ['proxy'],
  title: 'cloudflared: tcpKeepAlive 30 s towards the origin, no idle limit of its own',
  claim: 'keepAliveTimeout, 90 s, closes a quiet WebSocket.',
  truth:
    'It is for unused connections to the origin. What finds an origin that has gone is the keepalive of its dialler, 30 + 9 × 15 = 165 s. Cloudflare in front of it has limits of its own.',
  source:
    'cloudflare/cloudflared@d1df7985, ingress/config.go (defaultTCPKeepAlive, defaultKeepAliveTimeout)',
  assumes: ['Go 1.23 or later; the side of the origin'],
  runtime: goNetByOption,
  options: { tcpKeepAlive: goKeepAliveOption('30s', 'dialler') },
  mechanisms: ({ tcpKeepAlive }) => goKeepAliveOf(tcpKeepAlive),
});

export const ingressPresets: readonly Preset[] = [
  ingressNginx,
  nginxStream,
  traefik,
  caddy,
  apacheProxy,
  cloudflared,
];
