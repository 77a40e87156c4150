/** Sidecars and Envoy's TCP proxy. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { keepaliveOf } from '../kernel/keepalive-options.ts';
import { IDLE_MS, time, timeOrOff } from '../options.ts';
import { cPlain, rust } from '../runtimes/others.ts';
import { quietTunnel } from './tunnel.ts';

const idle = { bare: 's', plausibleMs: IDLE_MS } as const;

const istio = definePreset({
  name: 'istio-proxy',
  aliases: ['istio', 'istio-gateway'],
  tags: ['proxy'],
  title: 'Istio sidecar and gateway: stream idle timeout 0, no keepalive',
  claim: "Envoy's 5 min hold for a WebSocket in the mesh.",
  truth:
    'Istio sets them to 0: a quiet stream stands for ever, ghost or not, unless a ConnectionSettings of the profile EDGE brings 5 min back at a gateway. TCP keepalive is off until meshConfig.tcpKeepalive is set, for connections to services alone.',
  source:
    'istio/istio@86c9f01fd73, pilot/pkg/networking/core/listener_builder.go (StreamIdleTimeout), connection_settings.go (applyEdgeProfileDefaults), cluster.go (setKeepAliveSettings)',
  assumes: ['a port that Istio knows as HTTP; an upgraded connection'],
  runtime: cPlain,
  notModelled: [
    'a port that it takes for TCP has the idle timeout of the TCP proxy, an hour: envoy-tcp-proxy',
    'terminationDrainDuration of a proxy that stops',
  ],
  options: {
    httpStreamIdleTimeout: timeOrOff('off', 'Time in which nothing moves on a stream.', idle),
  },
  mechanisms: ({ httpStreamIdleTimeout }) =>
    given(httpStreamIdleTimeout, (ms) => ({ ...quietTunnel(ms), verdict: 'reset' })),
});

const envoyTcpProxy = definePreset({
  name: 'envoy-tcp-proxy',
  aliases: ['envoy-tcp'],
  tags: ['proxy'],
  title: 'Envoy TCP proxy: idle_timeout 1 h',
  claim: 'stream_idle_timeout, 5 min, holds for TCP as well.',
  truth: 'The TCP proxy has a limit of its own: an hour without a byte either way.',
  source: 'envoyproxy/envoy, docs/root/faq/configuration/timeouts.rst (TCP, idle_timeout)',
  assumes: ['the filter tcp_proxy; tcp_keepalive of listener and cluster are not set, the default'],
  runtime: cPlain,
  options: { idle_timeout: timeOrOff('1h', 'Time without a byte either way.', idle) },
  mechanisms: ({ idle_timeout }) => given(idle_timeout, quietTunnel),
});

const SYSTEM_INTERVAL_MS = 75_000;
const SYSTEM_PROBES = 9;

const linkerd = definePreset({
  name: 'linkerd-proxy',
  aliases: ['linkerd'],
  tags: ['proxy'],
  title: 'Linkerd proxy: keepalive 10 s, TCP_USER_TIMEOUT 30 s',
  claim: 'Keepalive of 10 s finds a dead peer within seconds.',
  truth:
    'It sets TCP_KEEPIDLE alone: after a first probe the next look is 75 s away, the time of the system, of a living peer too. The look after a lost probe is past the user timeout, 30 s, and ends the connection: an idle ghost stands 75 s to 150 s, and one lost probe ends the living. A busy ghost stands 30 s. The proxy has no idle limit of an open stream.',
  source:
    'linkerd/linkerd2@b24cd4059, charts/partials/templates/_proxy.tpl (INBOUND_ACCEPT_KEEPALIVE, INBOUND_ACCEPT_USER_TIMEOUT); linkerd/linkerd2-proxy@29637b64f, linkerd/proxy/transport/src/lib.rs (set_keepalive_or_warn)',
  assumes: [
    'what comes into the pod, or leaves for another: the connections within a pod have neither',
  ],
  runtime: rust,
  notModelled: ['shutdownGracePeriod of a proxy that stops'],
  options: {
    ACCEPT_KEEPALIVE: time('10s', 'TCP_KEEPIDLE.', { ...idle, minMs: 1_000, multipleOfMs: 1_000 }),
    ACCEPT_USER_TIMEOUT: timeOrOff('30s', 'TCP_USER_TIMEOUT.', { bare: 's' }),
  },
  mechanisms: (set) => [
    keepaliveOf(set.ACCEPT_KEEPALIVE, SYSTEM_INTERVAL_MS, SYSTEM_PROBES),
    ...given(set.ACCEPT_USER_TIMEOUT, (timeoutMs) => ({ kind: 'user-timeout', timeoutMs })),
  ],
});

export const meshPresets: readonly Preset[] = [istio, envoyTcpProxy, linkerd];
