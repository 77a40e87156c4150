/** What a walk over a socket leaves out: a number that is added to the record is told of, or has its reason here. */
import { expect, it } from 'vitest';
import type { StateWalk } from '../../sim/clock/state-walk.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { Kernel } from '../../sim/kernel/machine.ts';
import { initConnection, initOptions } from '../../sim/kernel/init.ts';
import { Sock } from '../../sim/kernel/tcp-sock.ts';
import { walkSock } from '../../sim/kernel/walk.ts';

/** What the socket is opened with, or what only a story changes. */
const FROM_THE_OPENING = [
  'state',
  'machine',
  'kind',
  'orphan',
  'activeOpen',
  'noMemory',
  'keepIdleJ',
  'keepIntervalJ',
  'keepProbes',
  'userTimeoutMs',
  'nodelay',
  'corked',
  'pushesOnce',
  'userMss',
  'notsentLowat',
  'linger2J',
  'sendBufferLocked',
  'receiveBufferLocked',
  'resetsOnClose',
  'synCount',
  'deferAccept',

  'rtoMinUs',
  'rtoMaxJ',
  'rtoMaxMs',
  'thinLinear',
  'mss',
  'offeredMss',
  'timestamps',
  'windowScale',
  'writeSlot',
  'delackSlot',
  'keepSlot',
];
/** Follows from empty queues, and from Congestion.Open with nothing lost since. */
const FROM_NOTHING_UNDER_WAY = [
  'finQueued',
  'finSent',
  'peerFinSeq',
  'peerFinSeen',
  'sendMemory',
  'wantsSpace',
  'packetsOut',
  'sackedOut',
  'lostOut',
  'retransOut',
  'retransmits',
  'timeouts',
  'backoff',
  'probesOut',
  'probesStampJ',
  'retransStampMs',
  'priorCwnd',
  'priorThreshold',

  'undoMarker',
  'undoRetrans',
  'totalRetrans',
  'duplicatesSeen',
  'duplicateStart',
  'duplicateEnd',
  'frto',
  'prrDelivered',
  'prrOut',
  'lost',
  'lastCongestion',
  'conserving',
  'tlpRepeats',
  'highestSacked',
  'chrono',
  'chronoSinceJ',
];
/** Read within the call that writes it, in the handshake, or at the end. */
const READ_ELSEWHERE = [
  'orphanSinceJ',
  'arrivingBytes',
  'ackFlags',
  'echoMs',
  'rackAdvanced',
  'requestAcked',
  'synAckSentUs',
];

/** Writes down all that it is told. */
function listener(): { readonly told: unknown[]; readonly walk: StateWalk } {
  const told: unknown[] = [];
  const hear = (...what: unknown[]): void => void told.push(what);
  return {
    told,
    walk: {
      same: hear,
      none: hear,
      grid: hear,
      wheel: hear,
      isSame: (value) => told.push(value) > 0,
      stands: () => false,
      due: (us) => (hear(us), us),
      progress: (bytes) => (hear(bytes), bytes),
      counts: (value) => (hear(value), value),
      moves: (unit, value, mayStand) => (hear(unit, value, mayStand), value),
      passed: (unit, value) => (hear(unit, value), value),
      rewritten: (unit, value) => (hear(unit, value), value),
      ahead: (unit, value, now) => (hear(unit, value, now), value),
    },
  };
}

function told(change: (sk: Record<string, unknown>) => void): string {
  const config = { hz: 250, profile: '6.18', jiffiesAtZero: 0, sysctls: {} } as const;
  const ignore = (): void => undefined;
  const owner = {
    established: ignore,
    readable: ignore,
    writable: ignore,
    peerFin: ignore,
    failed: ignore,
    released: ignore,
  };
  const kernel = new Kernel(createScheduler(), true, ignore, config, undefined);
  const sk = new Sock(kernel, owner);
  initOptions(sk);
  initConnection(sk);
  // Else what was read within a round trip is not told.
  sk.rcvRtt8 = 400_000;
  change(sk as unknown as Record<string, unknown>);
  const { told: heard, walk } = listener();
  walkSock(sk, walk);
  return heard.map(String).join(' ');
}

it('tells of every number of a socket but those that follow, and those that nobody reads', () => {
  const before = told(() => undefined);
  const numbers: string[] = [];
  told((sk) => {
    const isNumber = (field: string): boolean => /number|boolean/.test(typeof sk[field]);
    numbers.push(...Object.keys(sk).filter(isNumber));
  });
  const untold = numbers.filter((field) => {
    const changed = told((sk) => {
      const value = sk[field];
      if (typeof value === 'boolean') sk[field] = !value;
      else sk[field] = Number.isFinite(value) ? Number(value) + 1 : 1;
    });
    return changed === before;
  });
  const known = [...FROM_THE_OPENING, ...FROM_NOTHING_UNDER_WAY, ...READ_ELSEWHERE];
  expect(untold.toSorted()).toEqual(known.toSorted());
});
