/** Shutdown: how long SIGTERM waits for connections that will never close. */
import { fixedPreset } from '../definition.ts';
import { supervised } from '../runtimes/runtime.ts';

export const drainPresets = [
  fixedPreset({
    name: 'drain-unbounded',
    tags: ['founding', 'drain'],
    title: 'Shutdown waits for every connection, for ever',
    claim: 'A graceful shutdown lets every client finish.',
    truth: 'One ghost keeps the process alive until somebody kills it by hand.',
    source:
      'A chat server in production; nodejs/node#53536 (upgraded sockets outlive server.close)',
    assumes: ['the process waits for its connections after SIGTERM'],
    runtime: supervised,
    mechanisms: [{ kind: 'drain', deadlineMs: null }],
  }),
  fixedPreset({
    name: 'drain-15s',
    tags: ['founding', 'drain'],
    title: 'Shutdown waits 15 s, then SIGKILL',
    claim: 'TimeoutStopSec=15 is long enough for every client to finish.',
    truth: 'With a ghost on board every stop takes the whole 15 s and ends in SIGKILL.',
    source: 'systemd.service(5), TimeoutStopSec=',
    assumes: ['the process waits for its connections after SIGTERM'],
    runtime: supervised,
    mechanisms: [{ kind: 'drain', deadlineMs: '15s' }],
  }),
];
