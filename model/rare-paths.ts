/**
 * Coverage marks: branches of the kernel, the reaper and the adapter that ordinary lives do not take. Each says so when it is taken, and a test
 * asserts it: a suite that is green has been down every one of them, whatever it was written for.
 *
 * While nobody records, a mark is one comparison on a branch that is hardly ever taken. What a *scenario* is there to reach is counted with
 * its runs instead: model/scenario/coverage-goals.ts.
 */

/** Every marked branch: where it is, and what it means that it was taken. */
export const rarePaths = {
  'challenge-ack': 'a reset or SYN that may be forged is answered with an ACK (RFC 5961)',
  'answer-withheld': 'a segment out of order is not answered: another one was, a moment ago',
  'time-wait-assassinated': 'an exact reset ends TIME_WAIT (RFC 1337)',
  'time-wait-starts-again': 'what the peer repeats starts the 60 s of TIME_WAIT anew',
  'orphan-reset-at-close': 'close(2) makes one orphan too many',
  'orphan-reset-at-expiry': 'the write timer of an orphan finds too many of them',
  'orphan-dropped': 'an orphan goes without a last word',
  'orphan-behind-shut-window':
    'an orphan is given up behind a window that stays shut, though the peer answers',
  'user-timeout-behind-shut-window':
    'TCP_USER_TIMEOUT ends a connection whose peer answers every probe',
  'window-probes-used-up': 'tcp_retries2 window probes went unanswered',
  'probe-not-let-out': 'the own host lets no window probe out',
  'keepalive-not-let-out': 'the own host lets no keepalive probe out',
  'retransmission-not-let-out': 'the own host lets no retransmission out',
  'keepalive-under-user-timeout':
    'TCP_USER_TIMEOUT, not the count of probes, ends an idle connection',
  'tail-probe-cuts-segments':
    'a tail loss probe sends the last of several segments that lie together',
  'tail-probe-of-new-data': 'a tail loss probe takes what was not sent yet',
  'tail-probe-repaired-loss': 'what a tail loss probe sent had been lost',
  'retransmission-as-window-probe': 'the peer has shut its window over what is in flight',
  'spurious-timeout': 'a retransmission turns out to have been unnecessary, and is taken back',
  'retransmission-counted-twice':
    'a second timeout within one new round trip: the connection no longer forgets its first retransmission',
  'undone-by-duplicates':
    'the peer reports every retransmission as a duplicate, and the response to a loss is taken back',
  'timeout-not-doubled': 'a thin stream repeats at an even pace',
  'reset-for-unread-data': 'close(2) finds data that nobody has read',
  'syn-received-closed': 'a listener closes on a handshake under way',
  'received-skips-tick': 'what was received makes a sweep pass over its next tick',
  'queue-over-soft-limit': 'a queue is longer than its soft limit, and not than its hard one',
  'jitter-drawn': 'the first tick of a connection is put off by its own draw',
  'reads-on-after-stall': 'a process that stood still reads on before it judges',
  'hook-failed': 'a callback of the host throws or rejects, and its server lives on',
} as const;

/** Name of a marked branch. */
export type RarePath = keyof typeof rarePaths;

let recorder: ((path: RarePath) => void) | null = null;

/** The branch is taken. */
export function takes(path: RarePath): void {
  if (recorder !== null) recorder(path);
}

/** For tests: from now on `told` hears of every branch that is taken; null = nobody does. */
export function recordRarePaths(told: ((path: RarePath) => void) | null): void {
  recorder = told;
}
