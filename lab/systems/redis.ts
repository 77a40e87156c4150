/** Redis: tcp-keepalive 6 (so 6 + 3 × 2 s), no timeout. */
import type { RecordedSystem } from './types.ts';

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
  start: ({ address, port }) => [
    {
      command: 'redis-server',
      args: [
        '--bind',
        address,
        '--port',
        String(port),
        '--tcp-keepalive',
        '6',
        '--save',
        '',
        '--protected-mode',
        'no',
      ],
    },
  ],
};
