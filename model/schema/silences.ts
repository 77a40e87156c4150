/** What a living peer goes through: each silence and its fields. Whoever is reaped during it is reaped by mistake. */
import { bytes, bytesPerSecond } from './names.ts';
import { duration, union, variant, type Canonical } from './words.ts';

const lengthMs = duration('How long it lasts.');

export const noneSilence = variant('none', 'Nothing is wrong.', {});

export const outageSilence = variant('outage', 'Both directions cut, then healed.', { lengthMs });

export const applicationPauseSilence = variant(
  'application-pause',
  "The client's application sends nothing of its own; it still reads.",
  { lengthMs },
);

export const trickleSilence = variant(
  'trickle',
  'The client reads `bytes` every `everyMs` and nothing else.',
  {
    bytes: bytes('What one read takes'),
    everyMs: duration('Time between two reads.'),
    lengthMs,
  },
);

export const plateauSilence = variant(
  'plateau',
  'The client reads as fast as the server writes, behind a queue of constant length.',
  {
    queueBytes: bytes('Length of the queue'),
    bytesPerSecond: bytesPerSecond('Rate of both'),
    lengthMs,
  },
);

/** The server's own process does not run for `lengthMs`; what arrives waits unread. A watchdog outside it runs on. */
export const serverStarvedSilence = variant(
  'server-starved',
  "The server's own process does not run; what arrives waits unread.",
  { lengthMs },
);

/** The server's event loop stalls for `lengthMs`: nothing runs in the process, the load neither. */
export const serverStallSilence = variant(
  'server-stall',
  "The server's event loop stalls: nothing runs in the process.",
  { lengthMs },
);

/** The client's process stops for `lengthMs` (a garbage collection, a debugger); its kernel answers. */
export const processPauseSilence = variant(
  'process-pause',
  "The client's process stops and goes on; its kernel answers meanwhile.",
  { lengthMs },
);

export const pageFreezeSilence = variant(
  'page-freeze',
  "The client's application stops and goes on; its library or network service answers pings meanwhile.",
  { lengthMs },
);

/** Timers of the client's application run only once every `everyMs`, for `lengthMs`; what it is told, it answers. */
export const timersThrottledSilence = variant(
  'timers-throttled',
  "Timers of the client's application run only once in a while.",
  {
    everyMs: duration('Time between two instants at which timers run.'),
    lengthMs,
  },
);

export const hostSleepSilence = variant(
  'host-sleep',
  "The client's host sleeps and wakes where it stopped.",
  { lengthMs },
);

export const slowReaderSilence = variant(
  'slow-reader',
  'The client drains a steady rate and answers each ping when it reaches it.',
  { bytesPerSecond: bytesPerSecond('Rate'), lengthMs },
);

export const slowUploaderSilence = variant(
  'slow-uploader',
  'The client sends one message at a low rate; no pong can pass inside it.',
  {
    messageBytes: bytes('Length of the message'),
    bytesPerSecond: bytesPerSecond('Rate'),
  },
);

export const silenceSchema = union('What a living peer goes through.', [
  noneSilence,
  outageSilence,
  applicationPauseSilence,
  trickleSilence,
  plateauSilence,
  serverStarvedSilence,
  serverStallSilence,
  processPauseSilence,
  pageFreezeSilence,
  timersThrottledSilence,
  hostSleepSilence,
  slowReaderSilence,
  slowUploaderSilence,
]);

/** What a living peer goes through. Whoever is reaped during it is reaped by mistake. */
export type Silence = Canonical<typeof silenceSchema>;
