/** Mechanisms that judge what we send, what we asked for, and how often the peer pings. Times in seconds. */
import { describe, expect, it } from 'vitest';
import { LifeBit } from '../../model/reaper/index.ts';
import type { SocketSample } from '../../model/reaper/index.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { Mechanism } from '../../model/policy/types.ts';
import { EngineDriver } from './engine-driver.ts';

const S = 1_000_000;
const TICK = 1 / S;

type Told = readonly [atS: number, event: HostEvent];

/** What comes of these reports, with the host on time. */
function logOf(mechanisms: readonly Mechanism[], told: readonly Told[], untilS = 1000): string[] {
  const engine = new EngineDriver(mechanisms);
  for (const [atS, event] of told) {
    const atUs = Math.round(atS * S);
    engine.advance(atUs - 1);
    engine.tell(event, atUs);
  }
  engine.advance(untilS * S);
  return engine.log;
}

const sent = { type: 'MESSAGE_SENT' } as const;
const blocked = { type: 'SEND_BLOCKED' } as const;
const drainedSome = { type: 'SEND_DRAINED', all: false } as const;
const drainedAll = { type: 'SEND_DRAINED', all: true } as const;
const requested = { type: 'REQUESTED' } as const;
const replied = { type: 'REPLIED' } as const;
const borrowed = { type: 'BORROWED' } as const;
const pinged = { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Ping } as const;
const read = { type: 'RECEIVED', lifeBits: LifeBit.AnyByte } as const;

describe('a write deadline judged by a timer (NATS write_deadline 10 s)', () => {
  const nats: Mechanism = { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' };

  it('runs from when user space begins to hold something until it holds nothing', () => {
    // 5 + 10; another block, and progress that leaves something, change nothing.
    const told: Told[] = [
      [5, blocked],
      [8, blocked],
      [9, drainedSome],
    ];
    expect(logOf([nats], told)).toEqual([`${15 * S} reap 0`]);
    expect(logOf([nats], [...told, [14, drainedAll]])).toEqual([]);
    expect(logOf([nats], [...told, [14, drainedAll], [20, blocked]])).toEqual([`${30 * S} reap 0`]);
  });

  it('waits for a coarser timer where there is one', () => {
    // SignalR looks once a second: 5.3 + 10 → 16.
    const scanned: Mechanism = {
      ...nats,
      granularity: { everyMs: 1_000, direction: 'up', grid: 'process' },
    };
    expect(logOf([scanned], [[5.3, blocked]])).toEqual([`${16 * S} reap 0`]);
  });
});

describe('a write deadline judged by the next attempt to send (Spring sendTimeLimit 10 s)', () => {
  const spring: Mechanism = { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'next-send' };

  it('never judges a session on which nobody sends, and wakes nobody', () => {
    const engine = new EngineDriver([spring]);
    engine.tell(blocked, 5 * S);
    expect(engine.reaper.deadlineUs).toBe(Infinity);
    expect(logOf([spring], [[5, blocked]])).toEqual([]);
  });

  it('judges at the first attempt after 5 + 10, one at that instant is in time', () => {
    const at = (atS: number): string[] =>
      logOf(
        [spring],
        [
          [5, blocked],
          [atS, sent],
        ],
      );
    expect(at(15)).toEqual([]);
    expect(at(15 + TICK)).toEqual([`${15 * S + 1} reap 0`]);
    expect(at(400)).toEqual([`${400 * S} reap 0`]);
  });

  it('forgets the overdue block once all of it has moved', () => {
    const told: Told[] = [
      [5, blocked],
      [20, drainedSome],
      [30, drainedAll],
      [31, sent],
    ];
    expect(logOf([spring], told)).toEqual([]);
  });

  it('judges beside mechanisms that hear the same message', () => {
    const idle: Mechanism = { kind: 'idle', timeoutMs: 60_000 };
    const told: Told[] = [
      [5, blocked],
      [20, sent],
    ];
    expect(logOf([idle, spring], told)).toEqual([`${20 * S} reap 1`]);
  });
});

describe('a limit on what user space holds (Redis pubsub: 32 MiB, or 8 MiB for 60 s)', () => {
  const MIB = 1_048_576;
  const redis: Mechanism = {
    kind: 'send-queue-limit',
    hardBytes: 32 * MIB,
    softBytes: 8 * MIB,
    softForMs: 60_000,
    everyMs: 1_000,
  };
  /** The queue in MiB over the time in seconds. */
  const holding =
    (mib: (atS: number) => number) =>
    (nowUs: number): SocketSample => ({
      queueBytes: 0,
      bytesAcked: 0,
      established: true,
      userQueueBytes: mib(nowUs / S) * MIB,
    });
  const reaps = (mechanism: Mechanism, mib: (atS: number) => number): string[] => {
    const engine = new EngineDriver([mechanism]);
    engine.advance(300 * S, holding(mib));
    return engine.log.filter((line) => !line.includes('sample'));
  };

  it('reaps at the first look above the hard limit', () => {
    expect(reaps(redis, (s) => (s > 10.2 ? 32.1 : 0))).toEqual([`${11 * S} reap 0`]);
    expect(reaps(redis, () => 8)).toEqual([]);
  });

  it('reaps when looks have found more than the soft limit for 60 s', () => {
    // Found at 11; 11 + 60.
    expect(reaps(redis, (s) => (s > 10.2 ? 9 : 0))).toEqual([`${71 * S} reap 0`]);
    // A look at 40 finds less, the one at 41 more again.
    const dips = (s: number): number => (s > 10.2 && s !== 40 ? 9 : 8);
    expect(reaps(redis, dips)).toEqual([`${101 * S} reap 0`]);
  });

  it('has only the limits it is given', () => {
    expect(reaps({ ...redis, softBytes: null }, () => 32)).toEqual([]);
    expect(reaps({ ...redis, hardBytes: null }, () => 4096)).toEqual([`${61 * S} reap 0`]);
    expect(reaps({ ...redis, lost: 'verdict' }, () => 4096)).toEqual([]);
  });
});

describe('ping strikes (gRPC MinTime 5 min, two strikes)', () => {
  const grpc: Mechanism = { kind: 'ping-strikes', minIntervalMs: 300_000, maxStrikes: 2 };
  const pings = (...atS: number[]): Told[] => atS.map((s) => [s, pinged] as const);

  it('lets the first go free, and ends at the fourth that comes too soon', () => {
    expect(logOf([grpc], pings(10, 20, 30))).toEqual([]);
    expect(logOf([grpc], pings(10, 20, 30, 40))).toEqual([`${40 * S} reap 0`]);
  });

  it('counts the interval from the ping before, and one at its very end is in time', () => {
    expect(logOf([grpc], pings(10, 310, 610, 910, 1210, 1510), 3000)).toEqual([]);
    const soon = [10, 310 - TICK, 610 - 2 * TICK, 910 - 3 * TICK];
    expect(logOf([grpc], pings(...soon), 3000)).toEqual([`${910 * S - 3} reap 0`]);
  });

  it('does not forget a strike for a ping that comes in time', () => {
    expect(logOf([grpc], pings(10, 20, 400, 410, 800, 810), 3000)).toEqual([`${810 * S} reap 0`]);
  });

  it('forgives all of them for a message of ours, and the next ping with them', () => {
    const told: Told[] = [...pings(10, 20, 30), [35, sent], ...pings(40, 50, 60)];
    expect(logOf([grpc], told)).toEqual([]);
    expect(logOf([grpc], [...told, [70, pinged]])).toEqual([`${70 * S} reap 0`]);
  });

  it('judges beside mechanisms that hear the same ping, and counts nothing else', () => {
    const deadline: Mechanism = { kind: 'receive-deadline', timeoutMs: 60_000, life: ['any-byte'] };
    expect(logOf([deadline, grpc], pings(10, 20, 30, 40))).toEqual([`${40 * S} reap 1`]);
    const reads = [10, 20, 30, 40, 50].map((s): Told => [s, read]);
    expect(logOf([grpc], reads)).toEqual([]);
  });

  it('ends at the first that comes too soon when no strike is allowed', () => {
    expect(logOf([{ ...grpc, maxStrikes: 0 }], pings(10, 20))).toEqual([`${20 * S} reap 0`]);
  });
});

describe('requests and their answers', () => {
  const statement: Mechanism = { kind: 'request-deadline', timeoutMs: 30_000 };
  const hikari: Mechanism = { kind: 'borrow-check', timeoutMs: 5_000, freshMs: 500 };

  it('a deadline runs from the oldest request, and any answer ends it', () => {
    const two: Told[] = [
      [1, requested],
      [20, requested],
    ];
    expect(logOf([statement], two)).toEqual([`${31 * S} reap 0`]);
    expect(logOf([statement], [...two, [25, replied]])).toEqual([]);
    expect(logOf([statement], [...two, [25, replied], [40, requested]])).toEqual([
      `${70 * S} reap 0`,
    ]);
  });

  it('an entry is tested when it has been silent for longer than 0.5 s', () => {
    // Opened at 0; read at 10: until 10.5 it is lent untested.
    const borrowedAt = (atS: number): string[] =>
      logOf(
        [hikari],
        [
          [10, read],
          [atS, borrowed],
        ],
      );
    expect(logOf([hikari], [[0.4, borrowed]])).toEqual([]);
    expect(borrowedAt(10.5)).toEqual([]);
    expect(borrowedAt(10.5 + TICK)).toEqual([`${10.5 * S + 1} test 0`, `${15.5 * S + 1} reap 0`]);
  });

  it('an answer in time makes the entry fresh again', () => {
    const answered: Told[] = [
      [20, borrowed],
      [24, replied],
    ];
    expect(logOf([hikari], answered)).toEqual([`${20 * S} test 0`]);
    expect(logOf([hikari], [...answered, [24.3, borrowed]])).toEqual([`${20 * S} test 0`]);
  });

  it('without freshness every borrowing is a test', () => {
    const told: Told[] = [
      [0, borrowed],
      [0.1, replied],
      [0.1, borrowed],
      [0.2, replied],
    ];
    expect(logOf([{ ...hikari, freshMs: 0 }], told)).toEqual([`0 test 0`, `${0.1 * S} test 0`]);
  });

  it('tests without patience when the verdict is lost', () => {
    expect(logOf([{ ...hikari, lost: 'verdict' }], [[20, borrowed]])).toEqual([`${20 * S} test 0`]);
  });
});
