/** AWS Application Load Balancer: one idle timeout for the connections of both sides. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, time } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';
import { quietTunnel } from './tunnel.ts';

export const awsAlb = definePreset({
  name: 'aws-alb',
  aliases: ['alb'],
  tags: ['proxy'],
  title: 'AWS Application Load Balancer: idle_timeout 60 s',
  claim: 'A WebSocket behind it stands as long as its ends want.',
  truth:
    'It is closed on both sides after 60 s without data. Keepalive probes and HTTP/2 pings are no data; WebSocket pings are. A server that pings every 60 s is late by a moment, again and again.',
  source:
    'Elastic Load Balancing, Edit attributes for your Application Load Balancer, connection idle timeout; mattermost/docs#8929',
  assumes: ['an upgraded connection, or one that carries requests'],
  runtime: cPlain,
  notModelled: [
    'client_keep_alive.seconds, 3600 s: the age at which a client connection that carries requests is closed',
  ],
  options: {
    idle_timeout: time('60s', 'idle_timeout.timeout_seconds: time without data.', {
      bare: 's',
      minMs: 1_000,
      maxMs: 4_000_000,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ idle_timeout }) => [quietTunnel(idle_timeout)],
});
