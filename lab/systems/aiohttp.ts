/** aiohttp server: heartbeat 4 s, the pong within half of it. */
import type { RecordedSystem } from './types.ts';

export const aiohttp: RecordedSystem = {
  name: 'aiohttp',
  policy: 'aiohttp(heartbeat=4)',
  debian: ['python3-aiohttp'],
  version: {
    command: '/usr/bin/python3',
    args: ['-c', 'import aiohttp; print(aiohttp.__version__)'],
  },
  protocol: 'websocket',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
    { story: 'quiet', watchS: 15 },
  ],
  start: ({ address, port, program }) => [
    {
      command: '/usr/bin/python3',
      args: [program('aiohttp-server.py'), address, String(port), '4'],
    },
  ],
};
