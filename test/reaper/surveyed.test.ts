/**
 * Reapers of real servers and clients, as mechanisms, at a round trip of nothing: how long after the last sign of life
 * they decide. The windows follow from the numbers by the arithmetic beside them. Times in seconds.
 */
import { describe, expect, it } from 'vitest';
import { LifeBit } from '../../model/reaper/index.ts';
import type { Granularity, Mechanism } from '../../model/policy/types.ts';
import { EngineDriver } from './engine-driver.ts';

const S = 1_000_000;
/** The smallest time there is. */
const TICK = 1 / S;
const PONG = LifeBit.AnyByte | LifeBit.Pong;

interface Peer {
  /** From then on nothing comes any more. */
  readonly goneS: number;
  /** What it sends of its own, and when. */
  readonly sends?: readonly (readonly [atS: number, lifeBits: number])[];
  readonly originS?: number;
}

/** When the verdict comes; the peer answers every ping at once while it is there. */
function verdictS(mechanisms: readonly Mechanism[], { goneS, sends = [], originS = 0 }: Peer) {
  const engine = new EngineDriver(mechanisms, 0, originS * S);
  const own = sends.filter(([atS]) => atS < goneS);
  for (;;) {
    const nowUs = Math.min(engine.reaper.deadlineUs, Math.round((own[0]?.[0] ?? Infinity) * S));
    if (nowUs > 1000 * S) return undefined;
    const [, lifeBits] = (own[0] !== undefined && own[0][0] * S <= nowUs && own.shift()) || [];
    if (lifeBits !== undefined) {
      engine.tell({ type: 'RECEIVED', lifeBits }, nowUs);
      continue;
    }
    const before = engine.log.length;
    engine.call(nowUs);
    const asked = new Set(engine.log.slice(before).map((line) => line.split(' ')[1]));
    if (asked.has('reap')) return nowUs / S;
    const answers = asked.has('ping') && nowUs < goneS * S;
    if (answers) engine.tell({ type: 'RECEIVED', lifeBits: PONG }, nowUs);
  }
}

function every(periodS: number, lifeBits: number): (readonly [number, number])[] {
  return Array.from({ length: 30 }, (_, k) => [k * periodS, lifeBits] as const);
}

const onGrid = (
  everyMs: number,
  direction: Granularity['direction'],
  grid: Granularity['grid'],
) => ({ everyMs, direction, grid });

describe('uWebSockets, idleTimeout 120: ticks of 4 s, a ping 16 s before the end', () => {
  const uws: Mechanism = {
    kind: 'ping',
    intervalMs: 104_000,
    after: 'last-life',
    replyTimeoutMs: 16_000,
    replyClock: 'enqueued',
    life: ['any-byte'],
    granularity: onGrid(4_000, 'down', 'process'),
  };

  it.each([
    // The last byte on a tick: 12 + 104 = 116, a tick; + 16.
    [12, 132],
    // Just after the tick at 12: the pause ends at the last tick before 116.000001.
    [12 + TICK, 132],
    // Just before the tick at 16: at the last tick before 119.999999. So (116, 120] after the byte.
    [16 - TICK, 132],
    [16, 136],
  ])('a last byte at %f: reaped at %f', (lastS, reapedS) => {
    const peer = { goneS: lastS + TICK, sends: [[lastS, LifeBit.AnyByte]] as const };
    expect(verdictS([uws], peer)).toBe(reapedS);
  });

  it('counts ticks of the process, wherever they stand', () => {
    // Ticks at 1, 5, 9, …: 12 + 104 = 116 → 113; + 16 = 129.
    const peer = { goneS: 13, sends: [[12, LifeBit.AnyByte]] as const, originS: 1 };
    expect(verdictS([uws], peer)).toBe(129);
  });

  it('Bun: what the kernel still accepts counts as life, and puts ping and end off', () => {
    const engine = new EngineDriver([{ ...uws, life: ['any-byte', 'send-accepted'] }]);
    // One message a second until the send buffer is full, at 35.
    for (let atS = 1; atS <= 35; atS++) engine.tell({ type: 'SEND_ACCEPTED' }, atS * S);
    engine.advance(1000 * S);
    // 35 + 104 = 139 → 136; + 16.
    expect(engine.log).toEqual([`${136 * S} ping 0`, `${152 * S} reap 0`]);
  });
});

describe('Deno, idleTimeout 30: half of it to the ping, half of it from when the ping is written', () => {
  const deno: Mechanism = {
    kind: 'ping',
    intervalMs: 15_000,
    after: 'last-life',
    replyTimeoutMs: 15_000,
    replyClock: 'written',
    life: ['any-byte'],
  };

  it('15 + 15 s after the last byte', () => {
    const engine = new EngineDriver([deno]);
    engine.tell({ type: 'RECEIVED', lifeBits: LifeBit.AnyByte }, 7 * S);
    engine.advance(22 * S);
    engine.tell({ type: 'PING_WRITTEN' }, 22 * S);
    engine.advance(1000 * S);
    expect(engine.log).toEqual([`${22 * S} ping 0`, `${37 * S} reap 0`]);
  });

  it('never, while the ping waits for a send path that is blocked', () => {
    const engine = new EngineDriver([deno]);
    engine.advance(1000 * S);
    expect(engine.log.every((line) => line.endsWith('ping 0'))).toBe(true);
  });
});

describe('NATS: ticks of 2 min, two misses forgiven, none counted after a message', () => {
  const nats: Mechanism = {
    kind: 'sweep',
    intervalMs: 120_000,
    timer: 'per-connection',
    ping: true,
    life: ['matching-pong'],
    misses: 2,
    skipAfter: ['message'],
  };

  it.each([
    // Answered the ping at 120, gone: 240 counts one, 360 two, 480 reaps.
    [120 + TICK, 480],
    // Gone just before the ping at 240: 240 and 360 count, 480 reaps. So (240, 360].
    [240 - TICK, 480],
    [240, 480],
    [240 + TICK, 600],
  ])('a silent subscriber gone at %f: reaped at %f', (goneS, reapedS) => {
    expect(verdictS([nats], { goneS })).toBe(reapedS);
  });

  it.each([
    // The tick at 240 is skipped for the message; 360 and 480 count, 600 reaps. So up to 480.
    [120 + TICK, 600],
    [240 - TICK, 600],
  ])('a publisher whose last message comes at %f: reaped at %f', (lastS, reapedS) => {
    const sends = [[lastS, LifeBit.AnyByte | LifeBit.Message]] as const;
    expect(verdictS([nats], { goneS: lastS + TICK / 2, sends })).toBe(reapedS);
  });

  it('takes no pong that nobody asked for', () => {
    const unasked = LifeBit.AnyByte | LifeBit.UnsolicitedPong;
    const engine = new EngineDriver([nats]);
    for (let atS = 100; atS < 400; atS += 50) {
      engine.advance(atS * S);
      engine.tell({ type: 'RECEIVED', lifeBits: unasked }, atS * S);
    }
    engine.advance(1000 * S);
    expect(engine.log.at(-1)).toBe(`${360 * S} reap 0`);
  });

  it('skips a tick without a ping', () => {
    const engine = new EngineDriver([nats]);
    engine.tell({ type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Message }, 60 * S);
    engine.advance(240 * S);
    expect(engine.log).toEqual([`${240 * S} ping 0`]);
  });
});

describe('a deadline that every sign of life puts off', () => {
  const deadline = (timeoutMs: number, granularity?: Granularity): Mechanism => ({
    kind: 'receive-deadline',
    timeoutMs,
    life: ['any-byte'],
    ...(granularity === undefined ? {} : { granularity }),
  });
  const cowboy = deadline(60_000, onGrid(6_000, 'up', 'connection'));
  const rabbit = deadline(120_000, onGrid(60_000, 'up', 'connection'));
  const signalr = deadline(30_000, onGrid(1_000, 'up', 'process'));
  const spring = deadline(30_000, onGrid(10_000, 'up', 'process'));
  const mosquitto = deadline(90_000, onGrid(1_000, 'up', 'process'));

  it.each([
    // [timeout, timeout + tick): the last byte on a tick, just after it, just before the next one.
    ['Cowboy, ten ticks and one', cowboy, 6, 66],
    ['Cowboy, ten ticks and one', cowboy, 6 + TICK, 72],
    ['Cowboy, ten ticks and one', cowboy, 12 - TICK, 72],
    ['RabbitMQ, two heartbeats unchanged', rabbit, 60, 180],
    ['RabbitMQ, two heartbeats unchanged', rabbit, 60 + TICK, 240],
    ['SignalR, a scan a second', signalr, 5 + TICK, 36],
    ['Spring, a sweep of 10 s', spring, 10 + TICK, 50],
    ['Spring, a sweep of 10 s', spring, 20 - TICK, 50],
    ['MQTT, 1.5 times 60 s and a wheel of seconds', mosquitto, 9.5, 100],
  ] as const)('%s', (_, mechanism, lastS, reapedS) => {
    const peer = { goneS: lastS + TICK / 2, sends: [[lastS, LifeBit.AnyByte]] as const };
    expect(verdictS([mechanism], peer)).toBe(reapedS);
  });

  it("stands on the connection's grid or the process's", () => {
    const shifted = { goneS: 1, originS: 3 };
    // Opened at 0, never a byte: 60 on the connection's own grid; 33 = 3 + 3 · 10 on the process's.
    expect(verdictS([cowboy], shifted)).toBe(60);
    expect(verdictS([spring], shifted)).toBe(33);
  });

  it('counts from the opening', () => {
    expect(verdictS([deadline(60_000)], { goneS: 0 })).toBe(60);
  });

  it('takes nothing else for life', () => {
    const pongs: Mechanism = { kind: 'receive-deadline', timeoutMs: 60_000, life: ['pong'] };
    const sends = every(5, LifeBit.AnyByte | LifeBit.Message);
    expect(verdictS([pongs], { goneS: 1000, sends })).toBe(60);
  });

  it('RabbitMQ with a heartbeat of 30 s from the client: 90 to 180 s after the fault', () => {
    const sends = every(30, LifeBit.AnyByte);
    // Last heartbeat at 60 = a tick: 60 + 120. Gone just before the one at 90: 90 s. Gone just after the one at 60.
    expect(verdictS([rabbit], { goneS: 90, sends })).toBe(180);
    // Last one at 30: 150 → 180. Gone at 30.000001: 150 s; a heartbeat just after a tick would make it 180.
    expect(verdictS([rabbit], { goneS: 30 + TICK, sends })).toBe(180);
  });

  it('ws client: the pings of the server every 30 s, a second for their way: 1 to 31 s', () => {
    const wsClient: Mechanism = { kind: 'receive-deadline', timeoutMs: 31_000, life: ['ping'] };
    const sends = every(30, LifeBit.AnyByte | LifeBit.Ping);
    expect(verdictS([wsClient], { goneS: 60 + TICK, sends })).toBe(91);
    expect(verdictS([wsClient], { goneS: 90, sends })).toBe(91);
  });

  it('nginx: what the client takes counts too', () => {
    const nginx: Mechanism = {
      kind: 'receive-deadline',
      timeoutMs: 60_000,
      life: ['any-byte', 'send-accepted', 'drained'],
    };
    const engine = new EngineDriver([nginx]);
    engine.tell({ type: 'SEND_ACCEPTED' }, 50 * S);
    engine.tell({ type: 'SEND_BLOCKED' }, 51 * S);
    engine.tell({ type: 'SEND_DRAINED', all: false }, 52 * S);
    engine.advance(1000 * S);
    expect(engine.log).toEqual([`${112 * S} reap 0`]);
  });
});

describe('gorilla chat: a read deadline of 60 s that only pongs put off, a ping every 54 s', () => {
  const gorilla: readonly Mechanism[] = [
    { kind: 'receive-deadline', timeoutMs: 60_000, life: ['pong'] },
    {
      kind: 'ping',
      intervalMs: 54_000,
      after: 'last-ping',
      replyTimeoutMs: null,
      replyClock: 'enqueued',
      life: ['pong'],
    },
  ];

  it.each([
    // Pong at 54: 54 + 60 = 114, whether the peer goes right after it or right before the ping at 108.
    [54 + TICK, 114],
    [108, 114],
  ])('gone at %f: reaped at %f, 60 down to 60 − 54 s later', (goneS, reapedS) => {
    expect(verdictS(gorilla, { goneS })).toBe(reapedS);
  });
});

describe('a pong timer on top of a sweep', () => {
  const sweep: Mechanism = {
    kind: 'sweep',
    intervalMs: 30_000,
    timer: 'shared',
    ping: true,
    life: ['pong'],
  };
  const timer: Mechanism = {
    kind: 'pong-timer',
    timeoutMs: 10_000,
    replyClock: 'enqueued',
    life: ['pong'],
  };

  it('30 s sweep and 10 s timer: 10 to 40 s', () => {
    // The ping at 60 is the first without an answer; the next one comes 30 s later.
    expect(verdictS([sweep, timer], { goneS: 60 })).toBe(70);
    expect(verdictS([sweep, timer], { goneS: 60 + TICK })).toBe(100);
    expect(verdictS([timer, sweep], { goneS: 60 + TICK })).toBe(100);
  });

  it('works when the verdict of the sweep is lost, and not when it pings no more', () => {
    expect(verdictS([{ ...sweep, lost: 'verdict' }, timer], { goneS: 60 })).toBe(70);
    expect(verdictS([{ ...sweep, lost: 'timer' }, timer], { goneS: 60 })).toBeUndefined();
    expect(verdictS([{ ...sweep, ping: false }, timer], { goneS: 0 })).toBe(60);
    expect(verdictS([sweep, { ...timer, lost: 'verdict' }], { goneS: 60 })).toBe(90);
  });

  it('runs from the oldest ping of whichever mechanism', () => {
    const fast: Mechanism = {
      kind: 'ping',
      intervalMs: 4_000,
      after: 'last-ping',
      replyTimeoutMs: null,
      replyClock: 'enqueued',
      life: ['pong'],
    };
    // Gone at 6: the ping at 8 is the first without an answer. 8 + 10.
    expect(verdictS([fast, sweep, timer], { goneS: 6 })).toBe(18);
  });

  it('from when the send path has taken it, if the policy says so', () => {
    const engine = new EngineDriver([sweep, { ...timer, replyClock: 'written' }]);
    engine.advance(45 * S);
    engine.tell({ type: 'PING_WRITTEN' }, 45 * S);
    engine.advance(1000 * S);
    expect(engine.log).toEqual([`${30 * S} ping 0`, `${55 * S} reap 1`]);
  });
});
