/** Balancers and gateways of clouds, as far as their limits are documented. */
import { definePreset, fixedPreset, type Preset } from '../definition.ts';
import { AGE_MS, IDLE_MS, time } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';
import { quietTunnel } from './tunnel.ts';

const awsApiGateway = fixedPreset({
  name: 'aws-api-gateway',
  aliases: ['api-gateway'],
  tags: ['proxy'],
  title: 'AWS API Gateway, WebSocket API: 10 min idle, 2 h at most',
  claim: 'A heartbeat keeps a connection open.',
  truth:
    'For two hours: then it is closed, whatever passes. Without a message it is closed after 10 min. Neither can be raised.',
  source:
    'Amazon API Gateway, Quotas for configuring and running a WebSocket API (Connection duration, Idle Connection Timeout)',
  assumes: ['a WebSocket API, not an HTTP API or a REST API'],
  runtime: cPlain,
  notModelled: [
    'it speaks WebSocket itself, and HTTP to what is behind: pings of a server do not exist there',
  ],
  mechanisms: [quietTunnel(600_000), { kind: 'age', maxMs: 7_200_000, verdict: 'destroy' }],
});

const awsClb = definePreset({
  name: 'aws-clb',
  aliases: ['classic-elb', 'elb'],
  tags: ['proxy'],
  title: 'AWS Classic Load Balancer: idle timeout 60 s',
  claim: 'TCP keepalive keeps a connection through it.',
  truth:
    'It is closed on both sides after 60 s without data, and keepalive probes are no data, as its documentation says.',
  source:
    'Elastic Load Balancing, Configure the idle connection timeout for your Classic Load Balancer; AWS::ElasticLoadBalancing::LoadBalancer ConnectionSettings',
  assumes: ['a listener of TCP or SSL, or an HTTP connection between two requests'],
  runtime: cPlain,
  options: {
    IdleTimeout: time('60s', 'Time without data.', {
      bare: 's',
      minMs: 1_000,
      maxMs: 3_600_000,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ IdleTimeout }) => [quietTunnel(IdleTimeout)],
});

const gcpAlb = definePreset({
  name: 'gcp-alb',
  aliases: ['google-alb', 'gke-ingress', 'gclb'],
  tags: ['proxy'],
  title: 'Google Cloud Application Load Balancer: timeoutSec 30 s, for a WebSocket its whole life',
  claim: 'timeoutSec, 30 s, is the time without data after which a WebSocket is closed.',
  truth:
    'It is the age at which it is closed, whatever passes: every WebSocket is cut after 30 s until timeoutSec of the backend service is raised.',
  source:
    'kubernetes/ingress-gce, examples/websocket/README.md (a timeout on the connection lifetime); Cloud Load Balancing, Request distribution; GitLab issue 284074',
  assumes: ['an upgraded connection through an external Application Load Balancer'],
  runtime: cPlain,
  notModelled: [
    'between two requests a client is kept 610 s; a connection to a backend 600 s',
    'the load balancer closes some connections on its own, to spread the load',
  ],
  options: {
    timeoutSec: time('30s', "The backend service's timeout: the age of a WebSocket.", {
      bare: 's',
      minMs: 1_000,
      plausibleMs: AGE_MS,
    }),
  },
  mechanisms: ({ timeoutSec }) => [{ kind: 'age', maxMs: timeoutSec, verdict: 'destroy' }],
});

const azureApplicationGateway = definePreset({
  name: 'azure-application-gateway',
  aliases: ['app-gateway', 'azure-app-gateway'],
  tags: ['proxy'],
  title: 'Azure Application Gateway: TCP idle timeout 4 min',
  claim: 'Its keep-alive timeout, 75 s, closes a quiet WebSocket.',
  truth:
    'That is for the next request. The address in front of it forgets what is quiet for 4 min, up to 30 min where idleTimeoutInMinutes of the public IP says so, 5 min on a private one.',
  source:
    'MicrosoftDocs/azure-docs@019db669, articles/application-gateway/application-gateway-faq.yml (Keep-Alive timeout and TCP idle timeout)',
  assumes: ['the v2 SKU with a public address; an upgraded connection'],
  runtime: cPlain,
  notModelled: [
    'keep-alive 75 s between two requests of HTTP/1.1, 180 s of HTTP/2',
    'what the address does when the time is over is not documented: here both sides are closed',
  ],
  options: {
    idleTimeoutInMinutes: time('4m', "The public IP's idle timeout.", {
      bare: 'min',
      minMs: 240_000,
      maxMs: 1_800_000,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ idleTimeoutInMinutes }) => [quietTunnel(idleTimeoutInMinutes)],
});

const flyProxy = definePreset({
  name: 'fly-proxy',
  aliases: ['fly', 'fly.io'],
  tags: ['proxy'],
  title: "Fly.io's proxy: idle_timeout 60 s",
  claim: 'A WebSocket behind it stands as long as its ends want.',
  truth: 'It is closed after 60 s in which nothing passes, unless idle_timeout says otherwise.',
  source:
    'superfly/docs@5c22c8ce, reference/configuration.html.markerb (http_options.idle_timeout); community.fly.io 1243, 60 second timeout for HTTP server; 0ptim/JellyChat#47',
  assumes: ['the handler http, an upgraded connection or a response under way'],
  runtime: cPlain,
  notModelled: ['a machine that is stopped for want of load, which ends what it has'],
  options: {
    idle_timeout: time('60s', 'http_options.idle_timeout.', { bare: 's', plausibleMs: IDLE_MS }),
  },
  mechanisms: ({ idle_timeout }) => [quietTunnel(idle_timeout)],
});

export const cloudProxyPresets: readonly Preset[] = [
  awsApiGateway,
  awsClb,
  gcpAlb,
  azureApplicationGateway,
  flyProxy,
];
