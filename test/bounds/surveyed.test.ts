/**
 * B and T of what servers run today, each as the mechanisms it is made of, at a reply time of 0 where the windows of
 * their source code hold. The arithmetic stands beside each row.
 */
import { describe, expect, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, type Policy, type PolicyInput } from '../../model/policy/index.ts';
import {
  busy,
  expectBound,
  expectTolerance,
  fault,
  idle,
  live,
  saturated,
  withRtt,
} from './scenarios.ts';

type Mechanisms = PolicyInput['mechanisms'];

function system(
  mechanisms: Mechanisms,
  peerHeartbeat?: NonNullable<PolicyInput['peerHeartbeat']>,
): Policy {
  return definePolicy({
    name: 'system',
    mechanisms,
    ...(peerHeartbeat === undefined ? {} : { peerHeartbeat }),
  });
}

const tick = (everyMs: string, direction: 'up' | 'down', grid: 'process' | 'connection') => ({
  everyMs,
  direction,
  grid,
});

const systems = {
  alive: system([{ kind: 'sweep', intervalMs: '30s' }]),
  wsClient: system([{ kind: 'receive-deadline', timeoutMs: '31s', life: ['ping'] }], {
    everyMs: '30s',
    sign: 'ping',
    sentBy: 'websocket',
  }),
  engineIo: system([
    {
      kind: 'ping',
      intervalMs: '25s',
      after: 'last-reply',
      replyTimeoutMs: '20s',
      answeredBy: 'application',
      verdict: 'close',
    },
  ]),
  uws: system([
    {
      kind: 'ping',
      intervalMs: '104s',
      after: 'last-life',
      replyTimeoutMs: '16s',
      life: ['any-byte', 'drained'],
      granularity: tick('4s', 'down', 'process'),
    },
  ]),
  bun: system([
    {
      kind: 'ping',
      intervalMs: '104s',
      after: 'last-life',
      replyTimeoutMs: '16s',
      life: ['any-byte', 'drained', 'send-accepted'],
      granularity: tick('4s', 'down', 'process'),
    },
  ]),
  deno: system([
    {
      kind: 'ping',
      intervalMs: '15s',
      after: 'last-life',
      replyTimeoutMs: '15s',
      replyClock: 'written',
      life: ['message', 'pong'],
      verdict: 'flush',
    },
  ]),
  websockets: system([
    {
      kind: 'ping',
      intervalMs: '20s',
      replyTimeoutMs: '20s',
      replyClock: 'written',
      life: ['matching-pong'],
      verdict: 'close',
    },
    { kind: 'close-handshake', timeoutMs: '10s', clock: 'written' },
  ]),
  aiohttp: system([
    {
      kind: 'ping',
      intervalMs: '30s',
      after: 'last-received',
      replyTimeoutMs: '15s',
      life: ['any-byte'],
      granularity: tick('1s', 'up', 'process'),
      verdict: 'flush',
    },
  ]),
  phoenix: system(
    [
      {
        kind: 'receive-deadline',
        timeoutMs: '60s',
        life: ['any-byte'],
        granularity: tick('6s', 'up', 'connection'),
        verdict: 'close',
      },
    ],
    { everyMs: '30s', sign: 'message', sentBy: 'application' },
  ),
  cowboy: system([
    {
      kind: 'receive-deadline',
      timeoutMs: '60s',
      life: ['any-byte'],
      granularity: tick('6s', 'up', 'connection'),
    },
  ]),
  signalr: system(
    [
      {
        kind: 'receive-deadline',
        timeoutMs: '30s',
        life: ['message'],
        granularity: tick('1s', 'up', 'process'),
      },
    ],
    { everyMs: '15s', sign: 'message', sentBy: 'application' },
  ),
  spring: system(
    [
      {
        kind: 'receive-deadline',
        timeoutMs: '30s',
        life: ['message'],
        granularity: tick('10s', 'up', 'process'),
      },
    ],
    { everyMs: '10s', sign: 'message', sentBy: 'application' },
  ),
  rabbit: system(
    [
      {
        kind: 'receive-deadline',
        timeoutMs: '120s',
        life: ['any-byte'],
        granularity: tick('60s', 'up', 'connection'),
      },
    ],
    { everyMs: '30s', sign: 'message', sentBy: 'websocket' },
  ),
  mqtt: system(
    [
      {
        kind: 'receive-deadline',
        timeoutMs: '90s',
        life: ['any-byte'],
        granularity: tick('1s', 'up', 'process'),
      },
    ],
    { everyMs: '60s', sign: 'ping', sentBy: 'websocket' },
  ),
  sockjs: system([{ kind: 'ping', intervalMs: '25s', replyTimeoutMs: '10s' }]),
  gorilla: system([
    { kind: 'ping', intervalMs: '54s', replyTimeoutMs: null },
    { kind: 'receive-deadline', timeoutMs: '60s', life: ['pong'] },
    { kind: 'write-deadline', timeoutMs: '10s' },
  ]),
  nats: system([
    {
      kind: 'sweep',
      intervalMs: '2m',
      timer: 'per-connection',
      misses: 2,
      life: ['matching-pong'],
      skipAfter: ['message', 'ping'],
    },
  ]),
  grpc: system([
    {
      kind: 'ping',
      intervalMs: '2h',
      after: 'last-received',
      replyTimeoutMs: '20s',
      life: ['any-byte'],
    },
    { kind: 'user-timeout', timeoutMs: '20s' },
  ]),
  sweepAndTimer: system([
    { kind: 'sweep', intervalMs: '30s' },
    { kind: 'pong-timer', timeoutMs: '10s' },
  ]),
} satisfies Record<string, Policy>;

const gone = withRtt(fault(), 0);
const frozen = withRtt(fault({ fault: { kind: 'freeze' } }), 0);

describe('a peer that vanishes or freezes while idle, reply time 0', () => {
  test.each([
    // The flag goes down at the next tick, the one after it reaps: 1 to 2 intervals.
    ['alive', 60_000],
    // A deadline of 31 s, and a ping of the other side every 30 s puts it off.
    ['wsClient', 31_000],
    // Up to 25 s to the ping, then 20 s.
    ['engineIo', 45_000],
    // 104 s of silence on ticks of 4 s, down, then 16 s from a tick: a fault right before the ping leaves 16 s.
    ['uws', 120_000],
    ['bun', 120_000],
    ['deno', 30_000],
    // Decided after 20 to 40 s; the exception comes when the close handshake has timed out, 10 s later.
    ['websockets', 40_000],
    // 30 s rounded up to a whole second of the process, then 15 s from there.
    ['aiohttp', 31_000 + 15_000],
    // 60 s from the last heartbeat, which is up to 30 s old, on ticks of 6 s.
    ['phoenix', 60_000 + 6_000],
    ['signalr', 30_000 + 1_000],
    ['spring', 30_000 + 10_000],
    // Two heartbeat times, looked at once per heartbeat time: between 2T and 3T after the last byte.
    ['rabbit', 180_000],
    ['mqtt', 91_000],
    ['sockjs', 35_000],
    // The last pong is up to 54 s old, and 60 s are allowed from it.
    ['gorilla', 60_000],
    // Two pings may stay unanswered, the tick after them ends it: 2 to 3 ticks of 2 min.
    ['nats', 360_000],
    ['sweepAndTimer', 40_000],
  ] as const)('%s: %i ms', (name, maxMs) => {
    for (const scenario of [gone, frozen]) {
      expectBound(bounds(systems[name], scenario).decided, maxMs);
    }
  });

  test('grpc-go: two hours without a byte, a ping, 20 s', () => {
    expectBound(bounds(systems.grpc, frozen).decided, 7_220_000);
  });

  test('a deadline that nothing feeds reaps the healthy: Cowboy without a client that talks', () => {
    const { decided, tolerance } = bounds(systems.cowboy, gone);
    // It is ended before it can be a ghost for longer.
    expect(decided.maxMs).toBeLessThanOrEqual(66_000);
    expectTolerance(tolerance, 0);
  });
});

describe('a peer that vanishes under load', () => {
  test('NATS skips the tick after a message: one interval later', () => {
    const chatter = { kind: 'periodic', bytes: 64, everyMs: '1s', direction: 'client' } as const;
    // Last message at the fault; its tick is skipped, two are forgiven, the next one reaps: up to 4 ticks.
    const { maxMs } = bounds(systems.nats, withRtt(fault({ load: chatter }), 0)).decided;
    expect(maxMs).toBe(4 * 120_000);
  });

  test('Bun: every message that the kernel takes counts, until its buffer is full', () => {
    // 46 080 bytes of memory take two buffers of 31 856 bytes: 62 KiB at 2 KiB/s are 31.1 s, up to ten writes
    // that left before them are 5 s more, the one that finds no room half a second, and then 116 to 120 s.
    const { maxMs } = bounds(systems.bun, withRtt(fault({ load: busy }), 0)).decided;
    expect(maxMs).toBeGreaterThanOrEqual(31_100 + 120_000);
    expect(maxMs).toBeLessThanOrEqual(1.02 * (31_100 + 5_000 + 500 + 500 + 120_000));
    // uWebSockets, without that rule, does not wait for it.
    expectBound(bounds(systems.uws, withRtt(fault({ load: busy }), 0)).decided, 120_000);
  });

  test.each(['deno', 'websockets'] as const)(
    '%s: behind a full send path to a frozen peer the patience never starts: never',
    (name) => {
      const stopped = fault({ load: saturated, fault: { kind: 'freeze' } });
      expect(bounds(systems[name], stopped).decided.maxMs).toBeNull();
    },
  );

  test('aiohttp decides in time, and cannot let go before its buffer is written', () => {
    const vanished = bounds(systems.aiohttp, fault({ load: saturated }));
    expect(vanished.decided.maxMs).toBeLessThan(47_000);
    expect(vanished.closed.maxMs).toBeGreaterThan(924_600);
    const stopped = bounds(systems.aiohttp, fault({ load: saturated, fault: { kind: 'freeze' } }));
    expect(stopped.decided.maxMs).toBeLessThan(47_000);
    expect(stopped.closed.maxMs).toBeNull();
    expect(stopped.released.maxMs).toBeNull();
  });

  test('gorilla: in 60 s by its deadline on pongs, whatever its write deadline does', () => {
    const { maxMs, proved } = bounds(systems.gorilla, fault({ load: saturated })).decided;
    expect(proved).toBe(true);
    // Acknowledgements make room for at most two round trips of 50 ms more.
    expect(maxMs).toBeLessThanOrEqual(60_000 + 100);
  });
});

describe('from the decision to the descriptor', () => {
  test('engine.io closes, and the closing handshake has 30 s', () => {
    const { decided, closed } = bounds(systems.engineIo, gone);
    expectBound(closed, (decided.maxMs ?? 0) + 30_000);
  });
  test('websockets: 20 to 40 s, and 10 s for the handshake', () => {
    expectBound(bounds(systems.websockets, gone).closed, 50_000);
  });
  test('a frozen peer with an orphan: 60 s of FIN_WAIT2; a reset leaves nothing', () => {
    const destroys = system([{ kind: 'ping', intervalMs: '5s', replyTimeoutMs: '5s' }]);
    const resets = system([
      { kind: 'ping', intervalMs: '5s', replyTimeoutMs: '5s', verdict: 'reset' },
    ]);
    expect(bounds(destroys, frozen).released.maxMs).toBeGreaterThanOrEqual(10_000 + 60_000);
    const reset = bounds(resets, frozen);
    expect(reset.released.maxMs).toBe(reset.decided.maxMs);
    expect(reset.kernelClosed.maxMs).toBe(reset.decided.maxMs);
  });
  test('a closing handshake without a limit leaves it to the kernel', () => {
    const waits = system([
      { kind: 'ping', intervalMs: '5s', replyTimeoutMs: '5s', verdict: 'close' },
      { kind: 'close-handshake', timeoutMs: null },
    ]);
    expect(bounds(waits, frozen).closed.maxMs).toBeNull();
    expect(bounds(waits, fault()).closed.maxMs).toBeGreaterThan(924_600);
  });
});

describe('T: what is left when the next sign of life is due', () => {
  const stall = live({ kind: 'server-stall', lengthMs: '5s' });
  test.each([
    // pongWait − pingPeriod = 6 s, less the round trip of the first pong.
    ['gorilla', 60_000 - 54_000 - 50],
    ['engineIo', 20_000 - 50],
    ['deno', 15_000 - 50],
    // Whatever its phase, the second phase is 16 s.
    ['uws', 16_000 - 50],
    ['aiohttp', 15_000 - 50],
    ['wsClient', 31_000 - 30_000],
    ['signalr', 30_000 - 15_000],
    ['spring', 30_000 - 10_000],
    ['phoenix', 60_000 - 30_000],
    ['rabbit', 120_000 - 30_000],
    ['mqtt', 90_000 - 60_000],
    ['sweepAndTimer', 10_000 - 50],
    ['cowboy', 0],
  ] as const)('%s survives a stall of its own loop of %i ms', (name, expected) => {
    expectTolerance(bounds(systems[name], stall).tolerance, expected);
  });

  test('gorilla survives an outage of the last retransmission below 6 s: 4.032 s at 50 ms', () => {
    const { maxMs } = bounds(systems.gorilla, live({ kind: 'outage', lengthMs: '4s' })).tolerance;
    expect(maxMs).toBeGreaterThanOrEqual(4_032);
    expect(maxMs).toBeLessThan(4_200);
  });

  test('a frozen page: its network service answers pings, its application does not', () => {
    const page = live({ kind: 'page-freeze', lengthMs: '10m' });
    expectTolerance(bounds(systems.alive, page).tolerance, null);
    expectTolerance(bounds(systems.engineIo, page).tolerance, 20_000 - 50);
    expectTolerance(bounds(systems.signalr, page).tolerance, 15_000);
    expectTolerance(bounds(systems.rabbit, page).tolerance, null);
  });

  test('a timer once a minute: Phoenix has no margin, a ping that is answered at once has all of it', () => {
    const hidden = live({ kind: 'timers-throttled', everyMs: '60s', lengthMs: '10m' });
    expectTolerance(bounds(systems.phoenix, hidden).tolerance, 30_000);
    expectTolerance(bounds(systems.engineIo, hidden).tolerance, null);
    // 15 s late by up to 60 s is more than 30 s.
    expectTolerance(bounds(systems.signalr, hidden).tolerance, 15_000);
  });
});

describe('send path, requests and age', () => {
  const limits = system([
    { kind: 'send-queue-limit', hardBytes: 64_000, softBytes: 16_000, softForMs: '10s' },
  ]);
  test('a limit above what the writer ever leaves in user space is none', () => {
    const roomy = system([{ kind: 'send-queue-limit', hardBytes: 67_108_864 }]);
    expect(bounds(roomy, fault({ load: saturated })).decided.by).toBe('tcp_retries2');
    expect(bounds(roomy, fault({ load: saturated })).tolerance.by).not.toBe('send-queue-limit');
  });
  test('finds nobody who is sent nothing', () => {
    expectBound(bounds(limits, gone).decided, null);
  });
  test('judged at the next send only: never, once the queue is full', () => {
    const lazy = system([{ kind: 'write-deadline', timeoutMs: '10s', judgedAt: 'next-send' }]);
    expect(bounds(lazy, fault({ load: saturated })).decided.by).toBe('tcp_retries2');
    // 1 KiB twice a second: what user space holds takes minutes to fill, so there is a next send.
    expect(bounds(lazy, fault({ load: busy })).decided.by).toBe('write-deadline');
  });
  const pool = fault({
    fault: { kind: 'nat-expiry', idleMs: '5m' },
    story: { kind: 'pool', idleMs: '30m', queryBytes: 64 },
  });
  // 2 s after the opening the entry rests for 30 min; the flow ended 5 min after the handshake's last packet.
  const queryMs = 2_000 + 30 * 60_000 - 50 - 5 * 60_000;
  test('a statement timeout ends the first query on a forgotten flow', () => {
    const deadline = system([{ kind: 'request-deadline', timeoutMs: '30s' }]);
    expectBound(bounds(deadline, pool).decided, queryMs + 30_000);
  });
  test('a test before borrowing ends it sooner; a fresh entry is lent untested', () => {
    const checked = system([{ kind: 'borrow-check', timeoutMs: '5s', freshMs: 500 }]);
    expectBound(bounds(checked, pool).decided, queryMs + 5_000);
    const lax = system([{ kind: 'borrow-check', timeoutMs: '5s', freshMs: '1h' }]);
    expect(bounds(lax, pool).decided.by).toBe('tcp_retries2');
  });
  test('age is drawn from ±10 %', () => {
    const old = system([{ kind: 'age', maxMs: '30m', jitterPercent: 10 }]);
    expect(bounds(old, gone).decided.maxMs).toBe(33 * 60_000);
  });
  test('idle, rounded up to a scan of 1 s', () => {
    const kestrel = system([
      { kind: 'idle', timeoutMs: '130s', granularity: tick('1s', 'up', 'process') },
    ]);
    expect(bounds(kestrel, withRtt(fault({ load: idle }), 0)).decided.maxMs).toBe(131_000);
  });
});
