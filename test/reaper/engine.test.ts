/** The engine's answers where arithmetic gives them. All times in seconds unless they say otherwise. */
import { describe, expect, it } from 'vitest';
import type {
  Mechanism,
  PingMechanism,
  SendStallMechanism,
  SweepMechanism,
} from '../../model/policy/types.ts';
import { compileReaper, LifeBit } from '../../model/reaper/index.ts';
import type { SocketSample } from '../../model/reaper/index.ts';
import { policyOf } from './arbitrary-policy.ts';
import { EngineDriver, type Look } from './engine-driver.ts';

const S = 1_000_000;

const sweep: SweepMechanism = {
  kind: 'sweep',
  intervalMs: 30_000,
  timer: 'shared',
  ping: true,
  life: ['pong'],
};
const ping: PingMechanism = {
  kind: 'ping',
  intervalMs: 30_000,
  after: 'last-ping',
  replyTimeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};
const stall: SendStallMechanism = {
  kind: 'send-stall',
  progress: 'bytes-acked',
  graceMs: 30_000,
  everyMs: 1_000,
};

/** A peer that answers each ping at once until it is gone. Gives the verdict's time, or undefined by `untilS`. */
function verdictAt(
  mechanisms: readonly Mechanism[],
  goneS: number,
  untilS: number,
  sharedOriginS = 0,
): number | undefined {
  const engine = new EngineDriver(mechanisms, 0, sharedOriginS * S);
  while (engine.reaper.deadlineUs <= untilS * S) {
    const nowUs = engine.reaper.deadlineUs;
    const before = engine.log.length;
    engine.call(nowUs);
    const asked = new Set(engine.log.slice(before).map((line) => line.split(' ')[1]));
    if (asked.has('reap') || asked.has('close')) return nowUs / S;
    if (asked.has('ping') && nowUs < goneS * S) engine.reaper.received(LifeBit.Pong, nowUs);
  }
  return undefined;
}

function times(engine: EngineDriver, effect: string): number[] {
  return engine.log
    .map((line) => line.split(' '))
    .filter(([, name]) => name === effect)
    .map(([us]) => Number(us) / S);
}

describe('sweep', () => {
  it('finds a ghost in [interval, 2 · interval), whatever the phase of the fault', () => {
    // Gone right after the pong at 60: flag up at 90 → down, reaped at 120. Gone right before the tick at 90: the same 120.
    expect(verdictAt([sweep], 60.000_001, 300)).toBe(120);
    expect(verdictAt([sweep], 90, 300)).toBe(120);
    expect(verdictAt([sweep], 90.000_001, 300)).toBe(150);
  });

  it('ticks on the grid of the shared timer, which the connection did not start', () => {
    // Origin 1 000 s away, either way, interval 30: 1000 mod 30 = 10, −1000 mod 30 = 20.
    expect(verdictAt([sweep], 0, 300, 1000)).toBe(40);
    expect(verdictAt([sweep], 0, 300, -1000)).toBe(50);
    expect(verdictAt([{ ...sweep, timer: 'per-connection' }], 0, 300, 1000)).toBe(60);
  });

  it('gives a connection that opens on a tick its first whole interval', () => {
    expect(verdictAt([sweep], 0, 300, -30)).toBe(60);
  });

  it('never judges when its timer is lost, and only pings when its verdict is', () => {
    expect(verdictAt([{ ...sweep, lost: 'timer' }], 0, 3600)).toBeUndefined();
    const engine = new EngineDriver([{ ...sweep, lost: 'verdict' }]);
    engine.advance(100 * S);
    expect(engine.log).toEqual([`${30 * S} ping 0`, `${60 * S} ping 0`, `${90 * S} ping 0`]);
  });

  it('lets what was read first win at the instant of the tick', () => {
    const pongFirst = new EngineDriver([sweep]);
    pongFirst.advance(30 * S);
    pongFirst.reaper.received(LifeBit.Pong, 60 * S);
    pongFirst.advance(60 * S);
    expect(times(pongFirst, 'reap')).toEqual([]);
    const tickFirst = new EngineDriver([sweep]);
    tickFirst.advance(60 * S);
    tickFirst.reaper.received(LifeBit.Pong, 60 * S);
    expect(times(tickFirst, 'reap')).toEqual([60]);
  });

  it.each([
    [['pong'], LifeBit.Pong, true],
    [['pong'], LifeBit.Message | LifeBit.AnyByte, false],
    [['message'], LifeBit.Message, true],
    [['any-byte'], LifeBit.AnyByte, true],
    [['any-byte'], LifeBit.Pong, true],
    [['pong', 'message'], LifeBit.AnyByte, false],
  ] as const)('life %j takes bits %i: %s', (life, bits, saved) => {
    const engine = new EngineDriver([{ ...sweep, life }]);
    engine.advance(30 * S);
    engine.reaper.received(bits, 45 * S);
    engine.advance(60 * S);
    expect(times(engine, 'reap')).toEqual(saved ? [] : [60]);
  });
});

describe('ping with a reply timer', () => {
  it('sweep and 10 s reply timer: [10, 40]', () => {
    const both = [sweep, ping];
    // Just before a ping: its patience of 10. Just after one was answered: 30 to the next, and its 10.
    expect(verdictAt(both, 60, 300)).toBe(70);
    expect(verdictAt(both, 60.000_001, 300)).toBe(100);
    expect(verdictAt([{ ...sweep, lost: 'timer' }, ping], 60.000_001, 300)).toBe(100);
    expect(verdictAt([{ ...sweep, lost: 'verdict' }, ping], 60.000_001, 300)).toBe(100);
  });

  it('keeps the fixed cadence whenever the answer comes', () => {
    const engine = new EngineDriver([ping]);
    for (const atS of [30, 60, 90]) {
      engine.advance(atS * S);
      engine.reaper.received(LifeBit.Pong, (atS + 9) * S);
    }
    expect(times(engine, 'ping')).toEqual([30, 60, 90]);
  });

  it('measures from the last reply: engine.io, 25 s after the pong, 20 s for it', () => {
    const engineIo = {
      ...ping,
      intervalMs: 25_000,
      after: 'last-reply',
      replyTimeoutMs: 20_000,
    } as const;
    const engine = new EngineDriver([engineIo]);
    engine.advance(25 * S);
    engine.reaper.received(LifeBit.Pong, 30 * S);
    engine.advance(300 * S);
    // 30 + 25 = 55, and 20 of patience.
    expect(engine.log).toEqual([`${25 * S} ping 0`, `${55 * S} ping 0`, `${75 * S} reap 0`]);
  });

  it('is put off by any byte when it measures from the last one: gRPC, 5 s idle, 1 s for the answer', () => {
    const grpc = {
      ...ping,
      intervalMs: 5_000,
      after: 'last-received',
      replyTimeoutMs: 1_000,
      life: ['any-byte'],
    } as const;
    const engine = new EngineDriver([grpc]);
    engine.advance(4 * S);
    engine.reaper.received(LifeBit.AnyByte, 4 * S);
    engine.advance(300 * S);
    expect(engine.log).toEqual([`${9 * S} ping 0`, `${10 * S} reap 0`]);
  });

  it('starts its patience when the send path has taken the ping, if the policy says so', () => {
    const written = new EngineDriver([{ ...ping, replyClock: 'written' }]);
    written.advance(47 * S);
    written.reaper.pingWritten(47 * S);
    written.advance(300 * S);
    expect(times(written, 'reap')).toEqual([57]);
    // A ping that a lock holds back is never judged.
    const wedged = new EngineDriver([{ ...ping, replyClock: 'written' }]);
    wedged.advance(3600 * S);
    expect(times(wedged, 'reap')).toEqual([]);
    expect(times(wedged, 'ping')).toHaveLength(120);
  });

  it('judges from the oldest unanswered ping when it pings faster than its patience', () => {
    const engine = new EngineDriver([{ ...ping, intervalMs: 5_000, replyTimeoutMs: 12_000 }]);
    engine.advance(300 * S);
    expect(engine.log).toEqual([
      `${5 * S} ping 0`,
      `${10 * S} ping 0`,
      `${15 * S} ping 0`,
      `${17 * S} reap 0`,
    ]);
  });

  it('judges from the oldest written ping, also while later ones wait to be written', () => {
    const fast = {
      ...ping,
      intervalMs: 5_000,
      replyTimeoutMs: 12_000,
      replyClock: 'written',
    } as const;
    const engine = new EngineDriver([fast]);
    engine.advance(6 * S);
    engine.reaper.pingWritten(6 * S);
    engine.advance(11 * S);
    engine.reaper.pingWritten(11 * S);
    engine.advance(300 * S);
    // Pings at 5, 10, 15; the first was taken at 6: 6 + 12.
    expect(times(engine, 'ping')).toEqual([5, 10, 15]);
    expect(times(engine, 'reap')).toEqual([18]);
  });

  it('never judges without patience', () => {
    const engine = new EngineDriver([{ ...ping, replyTimeoutMs: null }]);
    engine.advance(100 * S);
    expect(engine.log).toEqual([30, 60, 90].map((s) => `${s * S} ping 0`));
  });
});

describe('send stall', () => {
  /** Bytes acked move, and the queue is filled, until `stuckS`; every write before `emptyUntilS` is acknowledged at once. */
  const stuckFrom =
    (stuckS: number, emptyUntilS = 0) =>
    (nowUs: number): SocketSample => ({
      userQueueBytes: 0,
      queueBytes: nowUs <= emptyUntilS * S ? 0 : 2_600_000,
      bytesAcked: Math.min(nowUs, stuckS * S),
      established: true,
    });

  it('reaps in [grace, grace + everyMs) after the last progress', () => {
    for (const [stuckS, reapS] of [
      // The look at 10 sees the last byte that moved: 10 + 30.
      [9.000_001, 40],
      [10, 40],
      // The look at 11 does.
      [10.000_001, 41],
    ] as const) {
      const engine = new EngineDriver([stall]);
      engine.advance(100 * S, stuckFrom(stuckS));
      expect(times(engine, 'reap')).toEqual([reapS]);
    }
  });

  it('that demands a rate ends a peer that takes a byte now and then, and no other', () => {
    const rate: Mechanism = { ...stall, minBytes: 1_000 };
    const trickle = (bytesPerS: number, queueBytes: number): Look => {
      return (nowUs) => ({
        userQueueBytes: 0,
        queueBytes,
        bytesAcked: Math.floor((nowUs * bytesPerS) / S),
        established: true,
      });
    };
    const ends = (mechanism: Mechanism, look: Look): number[] => {
      const engine = new EngineDriver([mechanism]);
      engine.advance(100 * S, look);
      return times(engine, 'reap');
    };
    expect(ends(stall, trickle(1, 2_600_000))).toEqual([]);
    // Found at 1; 999 bytes at most by the look at 31, at which the grace is over.
    expect(ends(rate, trickle(1, 2_600_000))).toEqual([31]);
    expect(ends(rate, trickle(33, 2_600_000))).toEqual([31]);
    expect(ends(rate, trickle(34, 2_600_000))).toEqual([]);
    // What waits is less than what is demanded, and gets through.
    expect(ends(rate, trickle(1, 20))).toEqual([]);
    expect(ends(rate, trickle(1, 40))).toEqual([31]);
  });

  it('starts its grace at the first look that finds something queued', () => {
    const engine = new EngineDriver([stall]);
    engine.advance(100 * S, stuckFrom(0, 50));
    // Written right after the look at 50; found at 51.
    expect(times(engine, 'reap')).toEqual([81]);
  });

  it('rounds the grace up to a look', () => {
    const engine = new EngineDriver([{ ...stall, graceMs: 2_500, everyMs: 1_000 }]);
    engine.advance(100 * S, stuckFrom(10));
    expect(times(engine, 'reap')).toEqual([13]);
  });

  it('counts a look as made at its tick, however late its host was', () => {
    const look = stuckFrom(10);
    // Late by 3 ms at the look that starts the grace and by 1 ms at the one that ends it, or the other way round.
    for (const [firstMs, lastMs] of [
      [3, 1],
      [1, 3],
    ] as const) {
      const engine = new EngineDriver([stall]);
      engine.advance(9 * S, look);
      engine.call(10 * S + firstMs * 1000, look);
      engine.advance(39 * S, look);
      engine.call(40 * S + lastMs * 1000, look);
      expect(times(engine, 'reap')).toEqual([40 + lastMs / 1000]);
    }
  });

  it('leaves acknowledgements that trickle alone, and the queue-only design does not', () => {
    // One more byte acknowledged every 29 s; the queue stays where it is.
    const trickle = (nowUs: number): SocketSample => ({
      queueBytes: 4_096,
      userQueueBytes: 0,
      bytesAcked: Math.floor(nowUs / (29 * S)),
      established: true,
    });
    const byBytes = new EngineDriver([stall]);
    byBytes.advance(600 * S, trickle);
    expect(times(byBytes, 'reap')).toEqual([]);
    const byQueue = new EngineDriver([{ ...stall, progress: 'queue' }]);
    byQueue.advance(600 * S, trickle);
    expect(times(byQueue, 'reap')).toEqual([31]);
  });

  it('by application acknowledgement: grace from the first message that waits, then the next look', () => {
    const engine = new EngineDriver([{ ...stall, progress: 'application-ack' }]);
    engine.advance(5 * S);
    engine.reaper.messageSent(5.5 * S);
    engine.reaper.received(LifeBit.ApplicationAck, 6 * S);
    engine.advance(100 * S);
    engine.reaper.messageSent(100.5 * S);
    engine.advance(110 * S);
    engine.reaper.messageSent(110 * S);
    engine.advance(300 * S);
    expect(engine.log).toEqual([`${131 * S} reap 0`]);
  });

  it('goes on looking, and nothing else, when its verdict is lost', () => {
    const engine = new EngineDriver([{ ...stall, lost: 'verdict' }]);
    engine.advance(100 * S, stuckFrom(10));
    expect(times(engine, 'sample')).toHaveLength(100);
    expect(times(engine, 'reap')).toEqual([]);
  });
});

describe('a reaper that is started again', () => {
  it('knows nothing of its life before: no answer is waited for', () => {
    const ping = {
      kind: 'ping',
      intervalMs: 25_000,
      after: 'last-ping',
      replyTimeoutMs: 20_000,
      replyClock: 'enqueued',
      life: ['pong'],
    } as const;
    const engine = new EngineDriver([ping]);
    engine.advance(26 * S);
    expect(engine.log).toEqual([`${25 * S} ping 0`]);
    engine.reaper.start(30 * S, 0);
    expect(engine.reaper.deadlineUs).toBe(55 * S);
  });
});

describe('peer closed, idle, age', () => {
  it('asks for one sample for all who want one, last', () => {
    const closed = { kind: 'peer-closed', everyMs: 1_000 } as const;
    const engine = new EngineDriver([stall, sweep, closed]);
    engine.advance(30.5 * S, (nowUs) => ({
      queueBytes: 0,
      userQueueBytes: 0,
      bytesAcked: 0,
      established: nowUs < 30 * S,
    }));
    expect(engine.log.slice(-3)).toEqual([
      `${30 * S} ping 1`,
      `${30 * S} sample 0`,
      `${30 * S} reap 2`,
    ]);
    expect(times(engine, 'sample')).toHaveLength(30);
  });

  it('closes after silence in both directions, and at an age', () => {
    const idle = new EngineDriver([{ kind: 'idle', timeoutMs: 15_000 }]);
    idle.advance(10 * S);
    idle.reaper.received(LifeBit.Message, 10 * S);
    idle.reaper.received(LifeBit.Pong | LifeBit.AnyByte, 20 * S);
    idle.reaper.messageSent(21 * S);
    idle.advance(100 * S);
    expect(idle.log).toEqual([`${36 * S} close 0`]);
    const age = new EngineDriver([{ kind: 'age', maxMs: 1_800_000 }]);
    age.advance(7200 * S);
    expect(age.log).toEqual([`${1800 * S} close 0`]);
  });
});

describe('hosts that come late', () => {
  it('do not drift: the next ping is on the grid', () => {
    const engine = new EngineDriver([{ ...ping, replyTimeoutMs: null }]);
    engine.call(30.4 * S);
    expect(engine.reaper.deadlineUs).toBe(60 * S);
  });

  it('tick once after a stall, not once per missed interval', () => {
    const engine = new EngineDriver([{ ...ping, replyTimeoutMs: null }]);
    engine.call(200 * S);
    expect(engine.log).toEqual([`${200 * S} ping 0`]);
    expect(engine.reaper.deadlineUs).toBe(210 * S);
  });

  it('leave a full interval between two sweeps: it is the time to answer', () => {
    // Ticks are due at 30 and 60 s. Stalled until 59 s, the server pings only then; judging at 60 s would
    // leave a living peer one second.
    const engine = new EngineDriver([sweep]);
    engine.call(59 * S);
    expect(engine.log).toEqual([`${59 * S} ping 0`]);
    expect(engine.reaper.deadlineUs).toBe(89 * S);
  });

  it('give the answer its full patience from when the ping was really asked for', () => {
    const engine = new EngineDriver([ping]);
    engine.call(37 * S);
    expect(engine.reaper.deadlineUs).toBe(47 * S);
  });

  it('stay on the grid after a century of microseconds', () => {
    const startUs = 100 * 365 * 86_400 * S;
    const engine = new EngineDriver([sweep], startUs, 0);
    // 100 · 365 · 86400 s is a multiple of 30 s.
    expect(engine.reaper.deadlineUs).toBe(startUs + 30 * S);
  });
});

describe('one life and the next', () => {
  it('is over after a verdict or a stop, whatever is called', () => {
    const engine = new EngineDriver([sweep, ping]);
    engine.advance(100 * S);
    expect(times(engine, 'reap')).toEqual([40]);
    const { reaper } = engine;
    reaper.received(LifeBit.Pong, 101 * S);
    reaper.pingWritten(101 * S);
    reaper.messageSent(101 * S);
    reaper.sampled(
      { queueBytes: 1, userQueueBytes: 0, bytesAcked: 1, established: false },
      101 * S,
    );
    reaper.advance(1000 * S);
    expect([reaper.effectCount, reaper.deadlineUs]).toEqual([0, Infinity]);
    reaper.start(0, 0);
    expect(reaper.deadlineUs).toBe(30 * S);
    reaper.stop();
    expect(reaper.deadlineUs).toBe(Infinity);
  });

  it('starts the second life as the first, whatever the first left behind', () => {
    const mechanisms = [sweep, ping, stall, { kind: 'peer-closed', everyMs: 700 } as const];
    const look = (nowUs: number): SocketSample => ({
      queueBytes: 9,
      userQueueBytes: 0,
      bytesAcked: Math.floor(nowUs / (7 * S)),
      established: true,
    });
    const engine = new EngineDriver(mechanisms);
    engine.advance(35.5 * S, look);
    engine.log.length = 0;
    engine.reaper.start(0, 0);
    engine.advance(100 * S, look);
    const fresh = new EngineDriver(mechanisms);
    fresh.advance(100 * S, look);
    expect(engine.log).toEqual(fresh.log);
    expect(times(fresh, 'reap')).toEqual([40]);
  });
});

describe('what the kernel and the supervisor carry out', () => {
  const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 } as const;
  const userTimeout = { kind: 'user-timeout', timeoutMs: 20_000 } as const;

  it('gives socket options in the units of tcp(7)', () => {
    const reaper = compileReaper(policyOf(keepalive, userTimeout));
    expect(reaper.kernelOptions).toEqual({
      keepalive: { idleS: 10, intervalS: 5, probes: 3 },
      userTimeoutMs: 20_000,
    });
    expect(reaper.needsSamples).toBe(false);
    const instance = reaper.instance();
    instance.start(0, 0);
    expect(instance.deadlineUs).toBe(Infinity);
  });

  it('leaves out what is lost', () => {
    const lost = compileReaper(
      policyOf({ ...keepalive, lost: 'timer' }, { ...userTimeout, lost: 'verdict' }),
    );
    expect(lost.kernelOptions).toEqual({});
  });

  it('says how long a drain waits', () => {
    const drain = { kind: 'drain', deadlineMs: 15_000 } as const;
    expect(compileReaper(policyOf(drain)).drainDeadlineMs).toBe(15_000);
    expect(compileReaper(policyOf({ kind: 'drain', deadlineMs: null })).drainDeadlineMs).toBeNull();
    expect(compileReaper(policyOf({ ...drain, lost: 'timer' })).drainDeadlineMs).toBeNull();
    expect(compileReaper(policyOf(sweep)).drainDeadlineMs).toBeUndefined();
  });

  it('needs samples for what looks at the socket, and only for that', () => {
    const needs = (mechanism: Mechanism): boolean =>
      compileReaper(policyOf(mechanism)).needsSamples;
    expect(needs(stall)).toBe(true);
    expect(needs({ kind: 'peer-closed', everyMs: 1 })).toBe(true);
    expect(needs({ ...stall, lost: 'timer' })).toBe(false);
    expect(needs({ ...stall, progress: 'application-ack' })).toBe(false);
    expect(needs(sweep)).toBe(false);
  });
});
