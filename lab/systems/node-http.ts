/** node:http with keepAliveTimeout 4 s: hangs up on whoever asks nothing more, gone or not. */
import type { RecordedSystem } from './types.ts';

export const nodeHttp: RecordedSystem = {
  name: 'node-http',
  policy: 'node(keepAliveTimeout=4s)',
  debian: [],
  version: { command: 'node', args: ['--version'] },
  protocol: 'http',
  stories: [{ story: 'quiet', watchS: 10 }],
  start: ({ address, port, program }) => [
    { command: 'node', args: [program('node-http.mjs'), address, String(port), '4000'] },
  ],
};
