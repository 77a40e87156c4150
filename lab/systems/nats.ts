/** NATS server: ping_interval 3 s, ping_max 2. */
import type { RecordedSystem } from './types.ts';

export const nats: RecordedSystem = {
  name: 'nats',
  policy: 'nats(ping_interval=3,ping_max=2)',
  debian: ['nats-server'],
  version: { command: 'nats-server', args: ['--version'] },
  protocol: 'nats',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
    { story: 'quiet', watchS: 15 },
  ],
  start({ address, port, write }) {
    const config = write(
      'nats.conf',
      `listen: "${address}:${port}"\nping_interval: "3s"\nping_max: 2\n`,
    );
    return [{ command: 'nats-server', args: ['-c', config] }];
  },
};
