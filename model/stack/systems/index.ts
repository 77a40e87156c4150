/** The registry: every system that a stack can name, by its role. A preset has the roles that its tags say. */
import { catalogue } from '../../policy/presets/catalogue.ts';
import type { PresetTag } from '../../policy/presets/definition.ts';
import { allOf } from '../../mechanisms/index.ts';
import { STOP_MS, time, timeOrOff, word } from '../../policy/presets/options.ts';
import type { Policy } from '../../policy/types.ts';
import { boxes } from '../boxes/index.ts';
import type { Facts, Role, System } from '../facts.ts';
import { factWithDefault, type OptionTable } from '../option-table.ts';
import { browser, client, proxy, server } from './generic.ts';
import { presetSystem } from './preset.ts';

/** What the policies of a tag can stand for. A policy of the kernel alone may be anybody's. */
const rolesOf: Readonly<Partial<Record<PresetTag, readonly Role[]>>> = {
  client: ['client'],
  pool: ['client'],
  proxy: ['proxy'],
  server: ['server'],
  kernel: ['client', 'proxy', 'server'],
  drain: ['orchestrator'],
};

/** Pools that are processes of their own, with clients on one side and servers on the other. */
const BETWEEN: ReadonlySet<string> = new Set(['pgbouncer']);

/** Elastic Load Balancing: the idle timeout is also that of the connections to its targets. */
function idleOfTargets({ mechanisms }: Policy): Partial<Facts> {
  const [quiet] = allOf('receive-deadline', mechanisms);
  return quiet === undefined ? {} : { requestPoolIdleMs: quiet.timeoutMs };
}

/** Clients and servers whose pings are those of HTTP/2 (RFC 9113 §6.7). */
const HTTP2: ReadonlySet<string> = new Set([
  'grpc-5s-1s',
  'grpc-go-server',
  'grpc-go-client',
  'grpc-js-server',
  'grpc-js-client',
  'grpc-java-server',
  'grpc-java-client',
  'tonic-server',
  'tonic-client',
  'etcd',
  'go-http2',
  'hyper-client',
]);

/** Proxies of bytes: whatever is spoken passes them. */
const TCP_PROXIES: ReadonlySet<string> = new Set(['envoy-tcp', 'nginx-stream']);

/** What an end speaks. */
function speaksOf(name: string): Partial<Facts> {
  return HTTP2.has(name) ? { speaks: 'http2' } : {};
}

/** What a client does with requests, beside its policy. */
const ofClients: Readonly<Record<string, () => Partial<Facts>>> = {
  // net/http, Transport: "if the request is idempotent and either has no body or has its Request.GetBody defined".
  'go-http-client': () => ({ resends: 'idempotent' }),
};

/** What a proxy does with connections that carry requests, beside its policy. */
const more: Readonly<Record<string, (policy: Policy) => Partial<Facts>>> = {
  'aws-alb': idleOfTargets,
  'aws-clb': idleOfTargets,
  pgbouncer: () => ({ lends: true }),
  // doc/configuration.txt, timeout client-fin and server-fin: half-closed connections go on.
  'haproxy-tunnel': () => ({ halfClose: 'passes' }),
  // common_http_protocol_options.idle_timeout of a cluster, where it is not set.
  envoy: () => ({ requestPoolIdleMs: 3_600_000 }),
  // Connection limits: origin, TCP connection idle.
  cloudflare: () => ({ requestPoolIdleMs: 900_000 }),
  // Cloud Load Balancing, Request distribution: the keepalive timeout of backends, fixed.
  'gcp-alb': () => ({ requestPoolIdleMs: 600_000 }),
  // ConfigMap, upstream-keepalive-timeout.
  'ingress-nginx': () => ({ requestPoolIdleMs: 60_000 }),
  // forwardingTimeouts.idleConnTimeout.
  traefik: () => ({ requestPoolIdleMs: 90_000 }),
  // transport http, keepalive.
  caddy: () => ({ requestPoolIdleMs: 120_000 }),
  // originRequest.keepAliveTimeout.
  cloudflared: () => ({ requestPoolIdleMs: 90_000 }),
  // LINKERD2_PROXY_OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT.
  'linkerd-proxy': () => ({ requestPoolIdleMs: 3_000 }),
};

const reloadGrace = (description: string) =>
  factWithDefault(timeOrOff('off', description, { bare: 's', plausibleMs: STOP_MS }), (ms) => ({
    reloadGraceMs: ms,
  }));

/** ngx_http_proxy_module, proxy_next_upstream: a kept connection that fails has one try more; requests that are not idempotent have not, unless they are named. */
const nextUpstream = factWithDefault(
  word('error', 'What is sent again that was reset: error: what is idempotent.', [
    'error',
    'non_idempotent',
    'off',
  ]),
  (which) => ({
    resends: ({ error: 'idempotent', non_idempotent: 'every', off: 'none' } as const)[which],
  }),
);

/** Options that their policies do not have. */
const tables: Readonly<Record<string, OptionTable>> = {
  // ngx_core_module, worker_shutdown_timeout: without it an old worker waits for its last connection.
  'nginx-websocket': {
    worker_shutdown_timeout: reloadGrace('What an old worker leaves its connections at a reload.'),
    proxy_next_upstream: nextUpstream,
  },
  // doc/configuration.txt, hard-stop-after: defaults to infinite.
  'haproxy-tunnel': {
    'hard-stop-after': reloadGrace('What an old process leaves its connections at a reload.'),
  },
  'ingress-nginx': { 'proxy-next-upstream': nextUpstream },
  // operations/cli, --parent-shutdown-time-s: 900 s after a hot restart.
  envoy: {
    'parent-shutdown-time-s': factWithDefault(
      time('900s', 'What the old process leaves its connections at a hot restart.', {
        bare: 's',
        plausibleMs: STOP_MS,
      }),
      (ms) => ({ reloadGraceMs: ms }),
    ),
    // config.route.v3.RetryPolicy, retry_on: without a policy nothing is sent again.
    retry_on: factWithDefault(
      word('off', 'What is sent again that was reset; reset: all of it.', ['reset', 'off']),
      (which) => ({ resends: which === 'reset' ? 'every' : 'none' }),
    ),
  },
};

/** What a preset does in a role, beside its policy. */
function factsBeside(name: string, role: Role, policy: Policy): Partial<Facts> {
  if (role === 'proxy') {
    return { ...(TCP_PROXIES.has(name) && { speaks: 'tcp' as const }), ...more[name]?.(policy) };
  }
  if (role === 'client') return { ...speaksOf(name), ...ofClients[name]?.() };
  return role === 'server' ? speaksOf(name) : {};
}

const ofPresets = catalogue.flatMap((preset): readonly System[] => {
  const { name } = preset.policy;
  const tagged = preset.tags.flatMap((tag) => rolesOf[tag] ?? []);
  const between: readonly Role[] = BETWEEN.has(name) ? ['proxy'] : [];
  return [...new Set([...between, ...tagged])].map((role) =>
    presetSystem(
      preset,
      role,
      (policy) => factsBeside(name, role, policy),
      role === 'proxy' ? tables[name] : undefined,
    ),
  );
});

/** All of them; the generic ones first. */
export const systems: readonly System[] = [client, browser, proxy, server, ...ofPresets, ...boxes];
