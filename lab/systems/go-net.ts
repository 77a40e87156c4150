/** A listener of Go's net as it comes: SO_KEEPALIVE 15/15/9 on what it accepts. */
import type { RecordedSystem } from './types.ts';

export const goNet: RecordedSystem = {
  name: 'go-net',
  policy: 'go',
  debian: ['golang-go'],
  version: { command: 'go', args: ['version'] },
  protocol: 'tcp',
  stories: [{ story: 'vanish', watchS: 160 }],
  start: ({ address, port, go }) => [{ command: go('go-net.go'), args: [`${address}:${port}`] }],
};
