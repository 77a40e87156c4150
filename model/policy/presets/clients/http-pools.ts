/** Clients of HTTP that keep connections: net/http of Go, reqwest and hyper of Rust. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { keepaliveOf, wholeSeconds } from '../kernel/keepalive-options.ts';
import { count, IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { goKeepAliveOf, goKeepAliveOption, goNetByOption } from '../runtimes/go.ts';
import { rust } from '../runtimes/others.ts';

const SYSTEM_INTERVAL_MS = 75_000;
const SYSTEM_PROBES = 9;

const kept = (usual: string) =>
  timeOrOff(usual, 'Unused for so long: closed.', { bare: 's', plausibleMs: IDLE_MS });

/** An unused connection of the pool. */
const unused = (timeoutMs: number) => ({ kind: 'idle', timeoutMs, verdict: 'destroy' }) as const;

const goHttpClient = definePreset({
  name: 'go-http-client',
  aliases: ['go-client'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: "Go's net/http, client: IdleConnTimeout 90 s, keepalive 30 s, no patience",
  claim: 'Requests time out.',
  truth:
    "Client.Timeout is 0: a request on a dead connection hangs until tcp_retries2, some 16 min. An idle one has the dialler's keepalive, 30 + 9 × 15 = 165 s, and is closed after 90 s unused.",
  source:
    'golang/go, src/net/http/transport.go (DefaultTransport: KeepAlive 30 s, IdleConnTimeout 90 s), client.go (Client.Timeout); src/net/dial.go',
  assumes: ['http.DefaultTransport over HTTP/1.1, on Go 1.23 or later'],
  runtime: goNetByOption,
  notModelled: ['TLSHandshakeTimeout, 10 s, and the 30 s for a connect'],
  options: {
    Timeout: timeOrOff('off', 'Client.Timeout: patience for the whole answer.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
    IdleConnTimeout: kept('90s'),
    KeepAlive: goKeepAliveOption('30s', 'dialler'),
  },
  mechanisms: (set) => [
    ...given(set.Timeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    ...given(set.IdleConnTimeout, unused),
    ...goKeepAliveOf(set.KeepAlive),
  ],
});

const reqwest = definePreset({
  name: 'reqwest',
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'reqwest: keepalive 15 s, 3 × 15 s; TCP_USER_TIMEOUT 30 s; pool 90 s',
  claim: 'Three probes, 15 s apart, are lost before an idle connection is given up: 60 s.',
  truth:
    'tcp_user_timeout replaces the count: the first check past 30 s, at 30 s, ends it after one lost probe, that of a living server too. A request whose bytes are not acknowledged is given up after 30 s; one whose are acknowledged waits for ever, since timeout is not set.',
  source: 'seanmonstar/reqwest@065a5ae5 (0.13), src/async_impl/client.rs (Config)',
  assumes: ['Linux, where TCP_USER_TIMEOUT exists; HTTP/1.1'],
  runtime: rust,
  options: {
    timeout: timeOrOff('off', 'Patience for the whole answer.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
    pool_idle_timeout: kept('90s'),
    tcp_keepalive: time('15s', 'TCP_KEEPIDLE.', wholeSeconds),
    tcp_keepalive_interval: time('15s', 'TCP_KEEPINTVL.', wholeSeconds),
    tcp_keepalive_retries: count(3, 'TCP_KEEPCNT.', { min: 1, max: 127 }),
    tcp_user_timeout: timeOrOff('30s', 'TCP_USER_TIMEOUT.', { bare: 's' }),
  },
  mechanisms: (set) => [
    ...given(set.timeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    ...given(set.pool_idle_timeout, unused),
    keepaliveOf(set.tcp_keepalive, set.tcp_keepalive_interval, set.tcp_keepalive_retries),
    ...given(set.tcp_user_timeout, (timeoutMs) => ({ kind: 'user-timeout', timeoutMs })),
  ],
});

const hyperClient = definePreset({
  name: 'hyper-client',
  aliases: ['hyper', 'hyper-util'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'hyper-util, client: pool_idle_timeout 90 s, and keepalive after as long',
  claim: 'A dead connection leaves the pool.',
  truth:
    "After 90 s unused, like any other. The keepalive of its own connector begins at the same instant, with the system's probes, 9 × 75 s, and so finds nothing sooner; a request waits for ever, or until tcp_retries2.",
  source:
    'hyperium/hyper-util@4684c71, src/client/legacy/client.rs (pool_config, build_http), src/client/legacy/connect/http.rs',
  assumes: ['Builder::build_http, which makes the connector; another connector sets no keepalive'],
  runtime: rust,
  options: { pool_idle_timeout: kept('90s') },
  mechanisms: ({ pool_idle_timeout }) => [
    ...given(pool_idle_timeout, unused),
    ...given(pool_idle_timeout, (ms) => keepaliveOf(ms, SYSTEM_INTERVAL_MS, SYSTEM_PROBES)),
  ],
});

export const httpClientPresets: readonly Preset[] = [goHttpClient, reqwest, hyperClient];
