/** mosquitto with clients whose keep alive is 6 s: given up after one and a half. */
import type { RecordedSystem } from './types.ts';

export const mosquitto: RecordedSystem = {
  name: 'mosquitto',
  policy: 'mosquitto(keepAlive=6)',
  debian: ['mosquitto'],
  version: { command: 'sh', args: ['-c', 'mosquitto -h | head -n 1'] },
  protocol: 'mqtt',
  beatS: 6,
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
    { story: 'quiet', watchS: 25 },
  ],
  start({ address, port, write }) {
    const config = write(
      'mosquitto.conf',
      `listener ${port} ${address}\nallow_anonymous true\nuser root\n`,
    );
    return [{ command: 'mosquitto', args: ['-c', config] }];
  },
};
