/** Rows of the survey: proxies, balancers and what stops a process. */
import { frozenAll, GO_KEEPALIVE, GO_PROBE_S, lastByte, WHEEL, type SurveyRow } from './row.ts';

export const proxyRows: readonly SurveyRow[] = [
  { preset: 'aws-api-gateway', stories: lastByte, stated: [600, 600] },
  { preset: 'aws-clb', stories: lastByte, stated: [60, 60] },
  // An age: the fault may come at any time of it.
  { preset: 'gcp-alb', stories: ['idle'], stated: [0, 30] },
  { preset: 'azure-application-gateway', stories: lastByte, stated: [240, 240] },
  { preset: 'fly-proxy', stories: lastByte, stated: [60, 60] },
  { preset: 'ingress-nginx', stories: lastByte, stated: [60, 60] },
  { preset: 'nginx-stream', stories: lastByte, stated: [600, 600] },
  {
    preset: 'traefik',
    stories: ['idle'],
    stated: [135, 315],
    // 180 s are 45 000 jiffies, buckets of 4096: once a probe has been answered, always the eleventh, 45 056 = 180.224 s.
    shown: [9 * GO_PROBE_S, 180.224 + 9 * GO_PROBE_S],
    tickS: 16.384,
    why: WHEEL,
  },
  { preset: 'traefik', stories: frozenAll, stated: null },
  { preset: 'caddy', ...GO_KEEPALIVE },
  { preset: 'caddy', stories: frozenAll, stated: null },
  { preset: 'apache-proxy', stories: lastByte, stated: [60, 60] },
  {
    preset: 'cloudflared',
    stories: ['idle'],
    stated: [135, 165],
    // 30 s are 7500 jiffies, buckets of 512 = 2.048 s.
    shown: [9 * GO_PROBE_S, 30 + 2.048 + 9 * GO_PROBE_S],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'istio-proxy', stories: ['idle', ...frozenAll], stated: null },
  {
    preset: 'istio-proxy',
    settings: 'httpStreamIdleTimeout=300s',
    stories: lastByte,
    stated: [300, 300],
  },
  { preset: 'envoy-tcp-proxy', stories: lastByte, stated: [3_600, 3_600] },
  {
    // net/ipv4/tcp_timer.c, tcp_keepalive_timer: after a probe the next look is 75 s away, of a living peer as well; the look after
    // the first lost probe is past 30 s.
    preset: 'linkerd-proxy',
    stories: ['idle'],
    stated: [75, 150],
    // 75 s are 18 750 jiffies, in buckets of 512: 75.776 s.
    shown: [75.776, 2 * 75.776],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'linkerd-proxy', stories: ['lowRate', 'saturated'], stated: [30, 33], tickS: 3 },
  { preset: 'heroku-dyno', stories: ['sigterm'], stated: [40, 40] },
  { preset: 'fly-machine', stories: ['sigterm'], stated: [15, 15] },
  { preset: 'cloud-run', stories: ['sigterm'], stated: [20, 20] },
  { preset: 'nomad-stop', stories: ['sigterm'], stated: [15, 15] },
  { preset: 'pm2-stop', stories: ['sigterm'], stated: [11.6, 11.6] },
  { preset: 'supervisord-stop', stories: ['sigterm'], stated: [20, 20] },
];
