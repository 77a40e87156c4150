/**
 * Dead-client watchdogs for a library that holds its protocol lock across a blocking send: the ping
 * waits for the same lock, so the judgement has to come from outside. Two earlier designs fail.
 */
import { fixedPreset } from '../definition.ts';
import { cPlain } from '../runtimes/others.ts';

const SOURCE =
  'A single-seat server whose library sends under its protocol lock; TCP_INFO and SIOCOUTQ, tcp(7)';

const ASSUMES = [
  'Linux, for TCP_INFO and SIOCOUTQ; a thread of its own that no lock of the library holds up',
];

const peerClosed = { kind: 'peer-closed', everyMs: '1s' } as const;

export const watchdogPresets = [
  fixedPreset({
    name: 'send-stall-watchdog',
    tags: ['founding', 'server'],
    title: 'Send queue > 0 and no byte acknowledged for 30 s, or no longer ESTABLISHED',
    claim: 'Frees the seat of a dead client without touching a slow one.',
    truth:
      'True while data is queued: a ghost is reaped 30 s after the last acknowledged byte, seen to within the second between looks. It sees nothing on an idle connection, nor a frozen peer whose receive window is still open.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: cPlain,
    mechanisms: [
      { kind: 'send-stall', progress: 'bytes-acked', graceMs: '30s', everyMs: '1s' },
      peerClosed,
    ],
  }),
  fixedPreset({
    name: 'queue-stall-watchdog',
    tags: ['founding', 'server'],
    title: 'Send queue > 0 and of the same length for 30 s, or no longer ESTABLISHED',
    claim: 'A queue that does not shrink for 30 s belongs to a dead client.',
    truth:
      'False: a client that reads as fast as the server writes leaves the queue at one positive level while its bytes are acknowledged, and is reaped alive.',
    source: SOURCE,
    assumes: ASSUMES,
    runtime: cPlain,
    mechanisms: [
      { kind: 'send-stall', progress: 'queue', graceMs: '30s', everyMs: '1s' },
      peerClosed,
    ],
  }),
  fixedPreset({
    name: 'ack-stall-watchdog',
    tags: ['founding', 'server'],
    title: 'No application-level acknowledgement for 30 s',
    claim: 'A client that acknowledges no message for 30 s is dead.',
    truth:
      "False: acknowledgements that wait unread in a server starved of its own interpreter lock look the same, and so does a client's pause; both are reaped alive.",
    source: SOURCE,
    assumes: ASSUMES,
    runtime: cPlain,
    mechanisms: [
      { kind: 'send-stall', progress: 'application-ack', graceMs: '30s', everyMs: '1s' },
    ],
  }),
];
