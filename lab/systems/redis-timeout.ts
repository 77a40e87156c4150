/** Redis: timeout 5, no keepalive. */
import { redisServer } from './redis.ts';
import type { RecordedSystem } from './types.ts';

export const redisTimeout: RecordedSystem = {
  name: 'redis-timeout',
  policy: 'redis(tcp-keepalive=off,timeout=5)',
  debian: ['redis-server'],
  version: { command: 'redis-server', args: ['--version'] },
  protocol: 'redis',
  stories: [{ story: 'quiet', watchS: 12 }],
  start: (place) => [redisServer(place, '--tcp-keepalive', '0', '--timeout', '5')],
};
