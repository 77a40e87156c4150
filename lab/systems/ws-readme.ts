/** The README of ws: an alive flag and a sweep of 3 s. */
import type { RecordedSystem } from './types.ts';

export const wsReadme: RecordedSystem = {
  name: 'ws-readme',
  policy: 'ws(interval=3s)',
  debian: [],
  version: { command: 'npm', args: ['view', 'ws', 'version'] },
  protocol: 'websocket',
  stories: [
    { story: 'vanish', watchS: 10 },
    { story: 'freeze', watchS: 10 },
    { story: 'quiet', watchS: 15 },
  ],
  start: ({ address, port, program }) => [
    { command: 'node', args: [program('ws-readme.mjs'), address, String(port), '3000'] },
  ],
};
