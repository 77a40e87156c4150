/** engine.io 6, the transport of socket.io: pingInterval 3 s, pingTimeout 2 s. */
import type { RecordedSystem } from './types.ts';

export const engineIo: RecordedSystem = {
  name: 'engine-io',
  policy: 'socket.io(pingInterval=3s,pingTimeout=2s)',
  debian: [],
  version: { command: 'npm', args: ['view', 'engine.io@6', 'version', '--json'] },
  protocol: 'engine.io',
  stories: [
    { story: 'vanish', watchS: 45 },
    { story: 'freeze', watchS: 45 },
    { story: 'quiet', watchS: 15 },
  ],
  start({ address, port, program, npm }) {
    npm('engine.io@6');
    const args = [program('engine-io.mjs'), address, String(port), '3000', '2000'];
    return [{ command: 'node', args }];
  },
};
