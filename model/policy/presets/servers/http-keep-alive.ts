/** Servers of HTTP, by how long they keep a connection for the next request. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { IDLE_MS, time, timeOrOff } from '../options.ts';
import { goKeepAliveOf, goKeepAliveOption, goNetByOption } from '../runtimes/go.ts';
import { cPlain, jvm, pythonSockets } from '../runtimes/others.ts';
import { setsNothing, SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

const idle = { bare: 's', plausibleMs: IDLE_MS } as const;
const between = (timeoutMs: number) => ({ kind: 'idle', timeoutMs, verdict: 'destroy' }) as const;
const opening = (timeoutMs: number) => ({ kind: 'handshake-deadline', timeoutMs }) as const;

const goHttpServer = definePreset({
  name: 'go-http-server',
  aliases: ['go-server', 'net-http'],
  tags: ['server', 'requests'],
  title: "Go's net/http, server: no timeouts, on Go's listener",
  claim: 'The server of the standard library closes what is idle.',
  truth:
    'Every timeout of http.Server is 0 until it is set. What finds an idle ghost is the keepalive of the listener, 15 + 9 × 15 = 150 s; a busy one is left to tcp_retries2, some 16 min.',
  source: 'golang/go, src/net/http/server.go (Server.IdleTimeout, ReadTimeout, ReadHeaderTimeout)',
  assumes: ['ListenAndServe on Go 1.23 or later; not upgraded: Hijack takes every deadline away'],
  runtime: goNetByOption,
  notModelled: [
    'WriteTimeout, off by default: from the end of the headers to the end of the response',
  ],
  options: {
    IdleTimeout: timeOrOff('off', 'Silence between two requests; off = ReadTimeout.', idle),
    ReadTimeout: timeOrOff('off', 'For a whole request, body included.', idle),
    ReadHeaderTimeout: timeOrOff('off', 'For the headers; off = ReadTimeout.', { bare: 's' }),
    KeepAlive: goKeepAliveOption('15s', 'net.ListenConfig'),
  },
  mechanisms: (set) => [
    ...given(set.IdleTimeout ?? set.ReadTimeout, between),
    ...given(set.ReadHeaderTimeout ?? set.ReadTimeout, opening),
    ...goKeepAliveOf(set.KeepAlive),
  ],
});

const puma = definePreset({
  name: 'puma',
  tags: ['server', 'requests'],
  title: 'Puma: persistent_timeout 65 s, first_data_timeout 30 s',
  claim: 'An idle connection is closed after 20 s.',
  truth:
    'After 65 s since version 7, longer than the 60 s of an AWS ALB before it; until then 20 s.',
  source: 'puma/puma@ff2e2126, lib/puma/configuration.rb, lib/puma/server.rb',
  assumes: ['Puma 7 with queue_requests, the default; not hijacked, as Action Cable does'],
  runtime: setsNothing('Ruby sockets', 'puma/puma@ff2e2126, lib/puma/binder.rb'),
  options: {
    persistent_timeout: time('65s', 'Silence between two requests.', idle),
    first_data_timeout: time('30s', 'From connect to the end of the first request.', idle),
  },
  mechanisms: (set) => [between(set.persistent_timeout), opening(set.first_data_timeout)],
});

const gunicorn = definePreset({
  name: 'gunicorn',
  tags: ['server', 'requests'],
  title: 'Gunicorn: keepalive 2 s',
  claim: 'timeout, 30 s, ends an idle connection.',
  truth:
    'timeout is for workers that are stuck. A connection is kept 2 s for the next request: behind a balancer that keeps its own for 60 s, requests meet a closed one again and again.',
  source: 'benoitc/gunicorn@65ac1a3a, gunicorn/config.py (keepalive), gunicorn/workers/gthread.py',
  assumes: [
    'a worker that keeps connections: gthread, gevent or eventlet; sync closes after each response',
  ],
  runtime: pythonSockets,
  options: { keepalive: time('2s', 'Silence between two requests.', idle) },
  mechanisms: ({ keepalive }) => [between(keepalive)],
});

const apacheHttpd = definePreset({
  name: 'apache-httpd',
  aliases: ['httpd', 'apache'],
  tags: ['server', 'requests'],
  title: 'Apache httpd: KeepAliveTimeout 5 s, Timeout 60 s, SO_KEEPALIVE',
  claim: 'Timeout, 60 s, closes an idle connection.',
  truth:
    "5 s after a response, alive or not. Timeout is for a request that has begun and for a response that nobody reads. SO_KEEPALIVE is on, with the system's two hours.",
  source: 'apache/httpd@0cb680442e, include/httpd.h, server/listen.c (make_sock)',
  assumes: ['KeepAlive On, the default'],
  runtime: {
    ...cPlain,
    name: "httpd's listener, whose options its connections have",
    sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s)",
    source: 'apache/httpd@0cb680442e, server/listen.c (APR_SO_KEEPALIVE)',
    mechanisms: [SYSTEM_KEEPALIVE],
  },
  notModelled: ['mod_reqtimeout: 20 s to 40 s for the headers'],
  options: {
    KeepAliveTimeout: time('5s', 'Silence between two requests.', idle),
    Timeout: time('60s', 'How long a write may be blocked.', idle),
  },
  mechanisms: (set) => [
    between(set.KeepAliveTimeout),
    { kind: 'write-deadline', timeoutMs: set.Timeout },
  ],
});

const jettyHttp = definePreset({
  name: 'jetty-http',
  aliases: ['jetty'],
  tags: ['server', 'requests'],
  title: 'Jetty: idleTimeout 30 s',
  claim: 'An idle connection is kept for minutes.',
  truth: '30 s without a byte either way, also while a response is being made.',
  source:
    'jetty/jetty.project@acf33259281, jetty-core/jetty-server/src/main/java/org/eclipse/jetty/server/AbstractConnector.java, ServerConnector.java',
  assumes: ['HTTP/1.1, not upgraded'],
  runtime: jvm,
  options: {
    idleTimeout: time('30s', 'Silence of both sides.', { bare: 'ms', plausibleMs: IDLE_MS }),
  },
  mechanisms: ({ idleTimeout }) => [between(idleTimeout)],
});

const tomcatHttp = definePreset({
  name: 'tomcat-http',
  aliases: ['tomcat', 'spring-boot'],
  tags: ['server', 'requests'],
  title: 'Tomcat: connectionTimeout 20 s in server.xml, keepAliveTimeout the same',
  claim: 'keepAliveTimeout is a time of its own.',
  truth:
    'It is connectionTimeout unless it is set: 20 s in the server.xml that ships, 60 s where nothing is said, as in an embedded Tomcat. Looked at once a second.',
  source:
    'apache/tomcat@84ac9af072, conf/server.xml, java/org/apache/coyote/http11/Constants.java, java/org/apache/tomcat/util/net/AbstractEndpoint.java, SocketProperties.java (timeoutInterval)',
  assumes: ['the NIO connector, HTTP/1.1, not upgraded'],
  runtime: jvm,
  options: {
    connectionTimeout: time('20s', 'Silence before and within a request.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    keepAliveTimeout: timeOrOff('off', 'Between two requests; off = connectionTimeout.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => [
    {
      ...between(set.keepAliveTimeout ?? set.connectionTimeout),
      granularity: { everyMs: 1_000, direction: 'up', grid: 'process' },
    },
  ],
});

export const httpServerPresets: readonly Preset[] = [
  goHttpServer,
  puma,
  gunicorn,
  apacheHttpd,
  jettyHttp,
  tomcatHttp,
];
