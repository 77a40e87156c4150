/** gorilla/websocket's chat example: pongWait 6 s, pingPeriod 5.4 s, writeWait 1 s. */
import type { RecordedSystem } from './types.ts';

export const gorilla: RecordedSystem = {
  name: 'gorilla',
  policy: 'gorilla(pongWait=6s,pingPeriod=5400ms,writeWait=1s)',
  debian: ['golang-go', 'golang-github-gorilla-websocket-dev'],
  version: {
    command: 'dpkg-query',
    args: ['-W', '-f', '${Version}', 'golang-github-gorilla-websocket-dev'],
  },
  protocol: 'websocket',
  stories: [
    { story: 'vanish', watchS: 20 },
    { story: 'freeze', watchS: 20 },
    { story: 'quiet', watchS: 15 },
  ],
  start: ({ address, port, go }) => [
    { command: go('gorilla-chat.go'), args: [`${address}:${port}`, '6000', '5400', '1000'] },
  ],
};
