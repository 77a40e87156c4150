/** Redis: tcp-keepalive 6 (so 6 + 3 × 2 s), no timeout. */
import type { Place, RecordedSystem, Start } from './types.ts';

/** A server that keeps nothing on disk and lets everybody in. */
export function redisServer({ address, port }: Place, ...settings: string[]): Start {
  const open = ['--bind', address, '--port', String(port), '--save', '', '--protected-mode', 'no'];
  return { command: 'redis-server', args: [...open, ...settings] };
}

export const redis: RecordedSystem = {
  name: 'redis',
  policy: 'redis(tcp-keepalive=6)',
  debian: ['redis-server'],
  version: { command: 'redis-server', args: ['--version'] },
  protocol: 'redis',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
  ],
  start: (place) => [redisServer(place, '--tcp-keepalive', '6')],
};
