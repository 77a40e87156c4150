/** Cloudflare in front of an upgraded connection. */
import { fixedPreset } from '../definition.ts';
import { cPlain } from '../runtimes/others.ts';
import { quietTunnel } from './tunnel.ts';

export const cloudflare = fixedPreset({
  name: 'cloudflare',
  tags: ['proxy'],
  title: 'Cloudflare: a WebSocket is closed after 100 s without a byte',
  claim: 'A proxied WebSocket stands as long as its ends want.',
  truth: 'It is closed after about 100 s in which nothing passes; only Enterprise can change it.',
  source:
    'Cloudflare Community 5865, Cloudflare Websocket Timeout (1 minute and 40 seconds); buildbot/buildbot#4078',
  assumes: ['an upgraded connection of a proxied host name'],
  runtime: cPlain,
  notModelled: ['a release of their own code restarts servers, which ends connections of any age'],
  mechanisms: [quietTunnel(100_000)],
});
