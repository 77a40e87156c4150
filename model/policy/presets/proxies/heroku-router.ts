/** Heroku's router: a rolling window in which some byte must pass. */
import { fixedPreset } from '../definition.ts';
import { cPlain } from '../runtimes/others.ts';
import { quietTunnel } from './tunnel.ts';

export const herokuRouter = fixedPreset({
  name: 'heroku-router',
  tags: ['proxy'],
  title: "Heroku's router: 55 s without a byte (H15)",
  claim: 'A WebSocket that answers within 30 s stands.',
  truth: 'It is closed after 55 s in which no byte passes either way, and nobody can set that.',
  source: 'Heroku Dev Center, HTTP Routing, Timeouts; Error Codes, H15 Idle connection',
  assumes: ['an upgraded connection'],
  runtime: cPlain,
  notModelled: ['the first byte of a response must come within 30 s (H12)'],
  mechanisms: [quietTunnel(55_000)],
});
