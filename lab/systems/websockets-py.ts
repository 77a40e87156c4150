/** Python websockets, asyncio: ping_interval 3 s, ping_timeout 2 s, close_timeout 2 s. */
import type { RecordedSystem } from './types.ts';

export const websocketsPy: RecordedSystem = {
  name: 'websockets-py',
  policy: 'websockets(ping_interval=3,ping_timeout=2,close_timeout=2)',
  debian: ['python3-websockets'],
  version: {
    command: '/usr/bin/python3',
    args: ['-c', 'import websockets; print(websockets.version.version)'],
  },
  protocol: 'websocket',
  // fail_connection() calls transport.write_eof() and gives the peer close_timeout after that.
  leavesEstablishedWith: 'decision',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
    { story: 'quiet', watchS: 15 },
  ],
  start: ({ address, port, program }) => [
    {
      command: '/usr/bin/python3',
      args: [program('websockets-server.py'), address, String(port), '3', '2', '2'],
    },
  ],
};
