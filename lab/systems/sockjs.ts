/** sockjs-node: heartbeat_delay 3 s, 10 s for the pong. */
import type { RecordedSystem } from './types.ts';

export const sockjs: RecordedSystem = {
  name: 'sockjs',
  policy: 'sockjs(heartbeat_delay=3s)',
  debian: [],
  version: { command: 'npm', args: ['view', 'sockjs', 'version'] },
  protocol: 'sockjs',
  stories: [
    { story: 'vanish', watchS: 60 },
    { story: 'freeze', watchS: 60 },
  ],
  start({ address, port, program, npm }) {
    npm('sockjs');
    return [{ command: 'node', args: [program('sockjs.mjs'), address, String(port), '3000'] }];
  },
};
