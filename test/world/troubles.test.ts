/** What each fault and each silence does, as the wire and the processes show it. */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets, type Policy, type PolicyInput } from '../../model/policy/index.ts';
import type { RunEvent, RunResult } from '../../model/results/types.ts';
import { defineScenario, type ScenarioInput } from '../../model/scenario/index.ts';
import { simulate } from '../../scenarios/run.ts';

/** A policy that only pings, every `everyMs`, and never judges. */
function pinging(everyMs: number): Policy {
  const mechanism = {
    kind: 'ping',
    intervalMs: everyMs,
    after: 'last-ping',
    replyTimeoutMs: null,
    replyClock: 'enqueued',
    life: ['pong'],
  } as const;
  return definePolicy({ name: 'pinging', mechanisms: [mechanism] } as PolicyInput);
}

/** A scenario without its name. */
type Told = Record<string, unknown>;

const none = presets['none'] as Policy;
const busy = { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' } as const;

function play(policy: Policy, scenario: Told, run = 0): RunResult {
  const named = defineScenario({ name: 'told', ...scenario } as unknown as ScenarioInput);
  return simulate(policy, named, { seed: 3n, run, trace: true });
}

/** Instants since the fault, or since the silence began, ms. */
function times(run: RunResult, wanted: (event: RunEvent) => boolean): number[] {
  const began = run.events.find(({ event }) => event === 'silence-began')?.atMs;
  const originMs = run.faultAtMs ?? began ?? 0;
  return run.events.filter(wanted).map(({ atMs }) => atMs - originMs);
}

function named(name: string): (event: RunEvent) => boolean {
  return ({ event }) => event === name;
}

function packets(from: 'server' | 'client', flags: RegExp): (event: RunEvent) => boolean {
  return ({ event, ...rest }) =>
    event.startsWith('packet') && rest['from'] === from && flags.test(String(rest['flags']));
}

const lifeMs = (run: RunResult): number => (run.decidedAtMs ?? NaN) - (run.faultAtMs ?? NaN);

describe('a middlebox forgets an idle flow after 10 s, half way on a path of 100 ms', () => {
  const through = (onExpiry: string): Told =>
    ({
      kind: 'fault',
      path: { rttMs: 100 },
      fault: { kind: 'nat-expiry', idleMs: 10_000, onExpiry },
      watchMs: '60s',
    }) as Told;

  it('drop: the ping after 15 s is never heard of', () => {
    const run = play(pinging(15_000), through('drop'));
    expect(times(run, named('ping-read'))).toEqual([]);
    // tcp_retries2 = 15: 924.6 s after its first retransmission, and not before.
    expect(run.reason).toContain('ETIMEDOUT');
    expect(lifeMs(run)).toBeGreaterThan(924_600);
  });

  it('reset-next: it comes back as a reset, half a round trip later', () => {
    const run = play(pinging(15_000), through('reset-next'));
    const pingAt = run.events.find(named('ping-queued'))?.atMs ?? NaN;
    expect(run).toMatchObject({ outcome: 'closed', reason: expect.stringContaining('ECONNRESET') });
    expect((run.decidedAtMs ?? NaN) - pingAt).toBe(100 / 2);
  });

  it('reset-server: the server is told at once, a quarter of a round trip away', () => {
    const run = play(none, through('reset-server'));
    expect(run).toMatchObject({ outcome: 'closed', reason: expect.stringContaining('ECONNRESET') });
    expect(lifeMs(run)).toBe(100 / 4);
    expect(times(run, named('descriptor-closed'))).toEqual([100 / 4]);
  });

  it('reset-client: only the client is told', () => {
    const run = play(none, through('reset-client'));
    expect(run.outcome).toBe('undetected');
    const told = run.events.filter(
      ({ where, event }) => where === 'peer-app' && event === 'socket-error',
    );
    expect(told.map(({ atMs }) => atMs - (run.faultAtMs ?? NaN))).toEqual([100 / 4]);
  });

  it('fin-both: an end of file; the FIN that answers it is acknowledged by the box', () => {
    const run = play(none, through('fin-both'));
    expect(run).toMatchObject({ outcome: 'closed', reason: 'end of file from the peer' });
    expect(lifeMs(run)).toBe(100 / 4);
    // The server's FIN takes a quarter to the box, and its acknowledgement a quarter back.
    expect((run.releasedAtMs ?? NaN) - (run.faultAtMs ?? NaN)).toBe(100 / 4 + 100 / 2);
  });
});

describe('unreachable', () => {
  it('is what the error says in the end, instead of ETIMEDOUT', () => {
    const timeout = definePolicy({
      name: 'ten-seconds',
      mechanisms: [{ kind: 'user-timeout', timeoutMs: '10s' }],
    });
    const run = play(timeout, { kind: 'fault', load: busy, fault: { kind: 'unreachable' } });
    expect(run).toMatchObject({
      outcome: 'reaped',
      reason: expect.stringContaining('EHOSTUNREACH'),
    });
    const icmp = times(run, named('icmp-host-unreachable'));
    expect(icmp.length).toBeGreaterThan(3);
    // The first write after the fault, or its first retransmission, and a round trip of 50 ms.
    const firstLost = times(run, ({ event }) => event === 'packet-lost').find((ms) => ms >= 0);
    expect((icmp[0] ?? NaN) - (firstLost ?? NaN)).toBeCloseTo(50, 6);
  });
});

describe('link down', () => {
  it('puts nothing on the wire any more, and the kernel gives up by the clock of any loss', () => {
    const timeout = definePolicy({
      name: 'ten-seconds',
      mechanisms: [{ kind: 'user-timeout', timeoutMs: '10s' }],
    });
    const run = play(timeout, { kind: 'fault', load: busy, fault: { kind: 'link-down' } });
    expect(times(run, packets('server', /./)).filter((ms) => ms > 0)).toEqual([]);
    expect(run.outcome).toBe('reaped');
    // Counted from the first timeout, at most 0.5 s of silence, 0.5 s of RTO and the wheel after the fault.
    expect(lifeMs(run)).toBeGreaterThan(10_000);
    expect(lifeMs(run)).toBeLessThan(12_000);
  });
});

describe('a handshake that is never finished', () => {
  it('after the SYN: SYN-ACKs at 0, 1, 3, 7, 15, 31 s, and 32 s later the request is dropped', () => {
    const run = play(none, {
      kind: 'fault',
      kernel: { hz: 1000 },
      fault: { kind: 'handshake-abandoned', after: 'syn' },
    });
    const synAcks = times(run, packets('server', /S.*\.|S\./)).map((ms) => Math.floor(ms / 1000));
    // tcp_synack_retries = 5; each timer is late by its bucket: 1, 2, 4, 8, 16 s, and 64 ms to 2 s.
    expect(synAcks).toEqual([0, 1, 3, 7, 15, 31].map((s) => s + 0));
    expect(run.faultAtMs).toBe(0);
    expect(lifeMs(run)).toBeGreaterThanOrEqual(63_025);
    expect(lifeMs(run)).toBeLessThan(63_025 * 1.125);
    expect([run.closedAtMs, run.releasedAtMs]).toEqual([run.decidedAtMs, run.decidedAtMs]);
    expect(run.events.map(({ event }) => event)).not.toContain('accepted');
  });

  it('after TCP: the deadline of the handshake ends it, to the microsecond', () => {
    const policy = definePolicy({
      name: 'header-timeout',
      mechanisms: [{ kind: 'handshake-deadline', timeoutMs: '10s' }],
    });
    const fault = { kind: 'handshake-abandoned', after: 'established' } as const;
    const run = play(policy, { kind: 'fault', fault });
    expect(run.outcome).toBe('reaped');
    expect(lifeMs(run)).toBe(10_000);
    // SYN, SYN-ACK, ACK: a round trip and a half of 50 ms.
    expect(run.faultAtMs).toBe(75);
    const lost = { kind: 'handshake-deadline', timeoutMs: '10s', lost: 'timer' } as const;
    const forEver = play(definePolicy({ name: 'lost', mechanisms: [lost] }), {
      kind: 'fault',
      fault,
    });
    expect(forEver.outcome).toBe('undetected');
  });
});

describe('half-close', () => {
  it('is an end of file half a round trip later, and the rest of the close a round trip after it', () => {
    const run = play(none, { kind: 'fault', fault: { kind: 'half-close' } });
    expect(run).toMatchObject({ outcome: 'closed', reason: 'end of file from the peer' });
    expect(lifeMs(run)).toBe(25);
    expect((run.releasedAtMs ?? NaN) - (run.decidedAtMs ?? NaN)).toBe(50);
  });

  it('leaves a server that does not close in CLOSE_WAIT for good; a look at the state finds it', () => {
    const story = {
      kind: 'fault',
      server: { closesAtEof: false },
      fault: { kind: 'half-close' },
    } as const;
    const run = play(none, story);
    expect(run.outcome).toBe('undetected');
    expect((run.kernelClosedAtMs ?? NaN) - (run.faultAtMs ?? NaN)).toBe(25);
    const looking = definePolicy({
      name: 'looking',
      mechanisms: [{ kind: 'peer-closed', everyMs: '1s' }],
    });
    const found = play(looking, story);
    expect(found.outcome).toBe('reaped');
    expect(lifeMs(found)).toBeGreaterThanOrEqual(25);
    expect(lifeMs(found)).toBeLessThanOrEqual(1_025);
  });
});

describe('a close that is never answered', () => {
  it('is decided at once and closed when its time is over', () => {
    const policy = definePolicy({
      name: 'three-seconds',
      mechanisms: [{ kind: 'close-handshake', timeoutMs: '3s', clock: 'enqueued' }],
    });
    const run = play(policy, { kind: 'fault', fault: { kind: 'close-unanswered' } });
    expect(run).toMatchObject({ outcome: 'closed', reason: 'closing handshake by the server' });
    expect(lifeMs(run)).toBe(0);
    expect((run.closedAtMs ?? NaN) - (run.faultAtMs ?? NaN)).toBe(3_000);
  });

  it('stays for good where nothing limits it', () => {
    const policy = definePolicy({
      name: 'for-ever',
      mechanisms: [{ kind: 'close-handshake', timeoutMs: null, clock: 'enqueued' }],
    });
    const run = play(policy, { kind: 'fault', fault: { kind: 'close-unanswered' } });
    expect([run.decidedAtMs, run.closedAtMs]).toEqual([run.faultAtMs, null]);
  });
});

describe('a network change', () => {
  it('leaves two sessions of one client until the old one is found', () => {
    const sweep = presets['alive-flag-sweep'] as Policy;
    const run = play(sweep, {
      kind: 'fault',
      fault: { kind: 'network-change', reconnectMs: '3s' },
    });
    expect(times(run, named('back-as-a-new-connection'))).toEqual([3_000]);
    expect(run.fleet).toMatchObject([{ name: 'two sessions of one client', unit: 'ms' }]);
    expect(run.fleet?.[0]?.value).toBeCloseTo(lifeMs(run) - 3_000, 6);
  });
});

describe('a host that sleeps', () => {
  it('as a fault: its old connection is reset when it speaks on it after the server has let go', () => {
    const keepalive = presets['keepalive-10-5-3'] as Policy;
    const run = play(keepalive, {
      kind: 'fault',
      fault: { kind: 'host-sleep', lengthMs: '60s' },
      client: { pingEveryMs: '5s' },
    });
    // 10 s + 3 · 5 s, rounded up by the wheel, counted from the last packet before the fault.
    expect(run.outcome).toBe('reaped');
    expect(lifeMs(run)).toBeLessThan(60_000);
  });

  it('as a silence: hears nothing, and its timers are as far away afterwards as before', () => {
    const run = play(pinging(2_000), {
      kind: 'live',
      load: { kind: 'periodic', bytes: 10, everyMs: '1s', direction: 'client' },
      silence: { kind: 'host-sleep', lengthMs: '30500ms' },
      watchMs: '3m',
    });
    const messages = times(run, named('message-sent'));
    const during = messages.filter((ms) => ms > 0 && ms < 30_500);
    expect(during).toEqual([]);
    const last = messages.findLast((ms) => ms <= 0) ?? NaN;
    const next = messages.find((ms) => ms > 0) ?? NaN;
    // A second of its own time between two messages, and 30.5 s in which that stood.
    expect(next - last).toBeCloseTo(1_000 + 30_500, 6);
    expect(times(run, named('ping-read')).filter((ms) => ms > 0 && ms < 30_500)).toEqual([]);
    expect(times(run, named('pong-sent')).some((ms) => ms > 30_500)).toBe(true);
  });
});

describe('a silence that begins after the policy has closed the connection', () => {
  it.each(['host-sleep', 'process-pause', 'server-stall', 'page-freeze'])('%s: is none', (kind) => {
    const age = definePolicy({ name: 'short', mechanisms: [{ kind: 'age', maxMs: '1s' }] });
    const run = play(age, { kind: 'live', silence: { kind, lengthMs: '5s' } });
    expect(run.outcome).toBe('closed');
    const told = run.events.map(({ event }) => event);
    expect(told).not.toContain('asleep');
    expect(told).not.toContain('awake');
    expect(told).not.toContain('goes-on');
  });
});

describe('a page that is frozen', () => {
  it('answers WebSocket pings for ever while nothing is sent to it', () => {
    const run = play(presets['alive-flag-sweep'] as Policy, {
      kind: 'fault',
      fault: { kind: 'page-freeze' },
      watchMs: '10m',
    });
    expect(run.outcome).toBe('undetected');
    // One every 30 s until the watch is over, which lasts 10 min at least.
    const answered = times(run, named('pong-sent')).filter((ms) => ms > 0);
    expect(answered.length).toBeGreaterThanOrEqual(20);
    answered.slice(1).forEach((ms, i) => expect(ms - (answered[i] ?? 0)).toBeCloseTo(30_000, 6));
  });

  it('stops reading when 131 000 bytes wait for it, pings and all', () => {
    const run = play(pinging(1_000), {
      kind: 'fault',
      load: busy,
      fault: { kind: 'page-freeze' },
      watchMs: '3m',
    });
    const pongs = times(run, named('pong-sent')).filter((ms) => ms > 0);
    // 131 000 / 1024 = 127.9 messages at two a second: the 128th fills the pipe after 64 s.
    expect(pongs.at(-1)).toBeGreaterThan(62_000);
    expect(pongs.at(-1)).toBeLessThan(65_500);
  });

  it('as a silence: goes on afterwards with what it had to say', () => {
    const run = play(none, {
      kind: 'live',
      load: { kind: 'periodic', bytes: 10, everyMs: '1s', direction: 'client' },
      silence: { kind: 'page-freeze', lengthMs: '20s' },
      watchMs: '1m',
    });
    const messages = times(run, named('message-sent'));
    expect(messages.filter((ms) => ms > 0 && ms < 20_000)).toEqual([]);
    expect(messages.some((ms) => ms > 20_000)).toBe(true);
  });
});

describe('throttled timers', () => {
  it('run on a grid of their own, and what is asked is answered at once', () => {
    const run = play(pinging(5_000), {
      kind: 'live',
      load: { kind: 'periodic', bytes: 10, everyMs: '7s', direction: 'client' },
      silence: { kind: 'timers-throttled', everyMs: '60s', lengthMs: '5m' },
      watchMs: '10m',
    });
    const inSilence = (ms: number): boolean => ms > 0 && ms < 300_000;
    const sent = times(run, named('message-sent')).filter(inSilence);
    expect(sent.map((ms) => Math.round(ms * 1_000) / 1_000)).toEqual([
      60_000, 120_000, 180_000, 240_000,
    ]);
    const read = times(run, named('ping-read')).filter(inSilence);
    expect(read.length).toBeGreaterThanOrEqual(59);
    expect(times(run, named('pong-sent')).filter(inSilence)).toEqual(read);
  });
});

describe('the end of throttling', () => {
  it('lets overdue timers run at once, and not at the next instant of the grid', () => {
    const run = play(pinging(5_000), {
      kind: 'live',
      load: { kind: 'periodic', bytes: 10, everyMs: '7s', direction: 'client' },
      silence: { kind: 'timers-throttled', everyMs: '60s', lengthMs: '33s' },
      watchMs: '2m',
    });
    const [first, second] = times(run, named('message-sent')).filter((ms) => ms > 0);
    expect(first).toBeCloseTo(33_000, 0);
    expect(second).toBeCloseTo(40_000, 0);
  });
});

describe('a slow reader of 1000 bytes a second', () => {
  it('takes a ping at once while it has not used its second up', () => {
    const quiet = play(pinging(1_500), {
      kind: 'live',
      silence: { kind: 'slow-reader', bytesPerSecond: 1_000, lengthMs: '20s' },
      watchMs: '30s',
    });
    const sent = times(quiet, named('ping-written'));
    const read = times(quiet, named('ping-read')).filter((ms) => ms > 0 && ms < 20_000);
    expect(read.length).toBeGreaterThanOrEqual(12);
    // Half of the round trip of 50 ms on the way, and nothing else.
    for (const ms of read) expect(sent).toContainEqual(expect.closeTo(ms - 25, 1));
  });
});

describe('a process that stands still for 10 s', () => {
  it('of the client: its kernel acknowledges, and pings are answered when it goes on, not before', () => {
    const run = play(pinging(1_000), {
      kind: 'live',
      silence: { kind: 'process-pause', lengthMs: '10s' },
      watchMs: '1m',
    });
    const pongs = times(run, named('pong-sent'));
    expect(pongs.filter((ms) => ms > 0 && ms < 10_000)).toEqual([]);
    expect(pongs.filter((ms) => Math.abs(ms - 10_000) < 0.001).length).toBeGreaterThanOrEqual(9);
    const acks = times(run, packets('client', /^\.$/)).filter((ms) => ms > 100 && ms < 10_000);
    expect(acks.length).toBeGreaterThanOrEqual(9);
  });

  it('of the server: nothing is sent or read meanwhile; due timers come before what waits unread', () => {
    const story = {
      kind: 'live',
      load: { ...busy, direction: 'both' },
      silence: { kind: 'server-stall', lengthMs: '10s' },
      watchMs: '1m',
    } as const;
    const run = play(none, story);
    const inside = (ms: number): boolean => ms > 0 && ms < 10_000;
    expect(times(run, named('message-read')).filter(inside)).toEqual([]);
    const data = times(
      run,
      (event) => packets('server', /./)(event) && Number(event['length']) > 0,
    );
    expect(data.filter(inside)).toEqual([]);
    expect(
      times(run, named('message-read')).filter((ms) => Math.abs(ms - 10_000) < 0.001),
    ).not.toEqual([]);
    // A reply timer of 4 s is overdue when the loop runs again, though the pong is there to be read.
    const strict = definePolicy({
      name: 'strict',
      mechanisms: [
        {
          kind: 'ping',
          intervalMs: '1s',
          after: 'last-ping',
          replyTimeoutMs: '4s',
          replyClock: 'enqueued',
          life: ['pong'],
        },
      ],
    });
    const judged = Array.from({ length: 10 }, (_, index) => play(strict, story, index));
    expect(judged.some(({ outcome }) => outcome === 'reaped')).toBe(true);
    for (const { outcome, decidedAtMs, events } of judged) {
      if (outcome !== 'reaped') continue;
      const ends = events.find(named('event-loop-runs-again'))?.atMs;
      expect(decidedAtMs).toBe(ends);
    }
  });
});

describe('a broken server', () => {
  const vanish = { kind: 'vanish', direction: 'both' } as const;
  const chat = presets['sweep-and-pong-timer'] as Policy;
  const on = (broken: object): RunResult =>
    play(chat, { kind: 'fault', server: { broken }, fault: vanish } as Told);

  it('whose reaper has stopped sends no ping', () => {
    const run = on({ kind: 'reaper-stopped' });
    expect(run.outcome).toBe('undetected');
    expect(run.events.map(({ event }) => event)).not.toContain('ping-queued');
  });

  it('that misses the connection pings it and never judges: the kernel does, by tcp_retries2', () => {
    const run = on({ kind: 'connection-missed' });
    expect(times(run, named('ping-queued')).some((ms) => ms > 0)).toBe(true);
    expect(run.reason).toContain('ETIMEDOUT');
    // tcp_retries2 = 15: 924.6 s after the first retransmission of a ping sent within 30 s.
    expect(lifeMs(run)).toBeGreaterThan(924_600);
  });

  it('whose loop stalls judges when it runs again', () => {
    const run = on({ kind: 'loop-stalled', lengthMs: 60_000 });
    expect(run.outcome).toBe('reaped');
    // A ping goes out when the loop runs again, and its patience of 10 s from there.
    expect(lifeMs(run)).toBeGreaterThanOrEqual(60_000);
    expect(lifeMs(run)).toBeLessThanOrEqual(60_000 + 40_000);
  });
});

describe('a load of the client alone', () => {
  it('is sent by the client alone', () => {
    const run = play(none, {
      kind: 'live',
      load: { kind: 'periodic', bytes: 100, everyMs: '1s', direction: 'client' },
      silence: { kind: 'none' },
      watchMs: '30s',
    });
    expect(times(run, named('message-read')).length).toBeGreaterThan(20);
    const data = (event: RunEvent): boolean => Number(event['length'] ?? 0) > 0;
    expect(times(run, (event) => packets('server', /./)(event) && data(event))).toEqual([]);
  });
});
