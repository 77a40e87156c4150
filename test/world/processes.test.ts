/**
 * What the simulated processes do around a reaper: how a verdict is carried out, the timers of the two
 * handshakes, what the peer sends of its own, pings between applications, a pool's requests, and the news of
 * the send path. Round trip 50 ms unless said otherwise.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { MechanismInput, PolicyInput } from '../../model/policy/types.ts';
import type { Policy, VerdictManner } from '../../model/policy/types.ts';
import type { ComparisonRow, RunEvent, RunResult } from '../../model/results/types.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { LiveScenario, Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';

const RTT_MS = 50;

function policy(...mechanisms: MechanismInput[]): Policy {
  return definePolicy({ name: 'test', mechanisms });
}

function named(name: string): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

function story(of: Policy, on: Scenario, run = 0): RunResult {
  return simulate(of, on, { seed: 17n, run, trace: true });
}

function cost(of: Policy, on: Scenario): ComparisonRow['cost'] {
  const { rows } = compare({ policies: [of], scenarios: [on], runs: 20, seed: 17n });
  return (rows[0] as ComparisonRow).cost;
}

function times(events: readonly RunEvent[], where: string, event: string): number[] {
  return events.filter((each) => each.where === where && each.event === event).map((e) => e.atMs);
}

/** `toMs` − `fromMs`, whole µs: instants are multiples of them. */
function apartMs(fromMs: number | null | undefined, toMs: number | null): number | null {
  return toMs === null ? null : Math.round((toMs - (fromMs ?? NaN)) * 1000) / 1000;
}

/** From the verdict: descriptor closed, kernel left ESTABLISHED, socket forgotten. */
function sinceVerdict(run: RunResult): readonly (number | null)[] {
  const { closedAtMs, kernelClosedAtMs, releasedAtMs } = run;
  return [closedAtMs, kernelClosedAtMs, releasedAtMs].map((atMs) => apartMs(run.decidedAtMs, atMs));
}

function live(input: Parameters<typeof defineScenario>[0]): LiveScenario {
  const scenario = defineScenario(input);
  if (scenario.kind !== 'live') throw new Error('a living peer');
  return scenario;
}

const vanishIdle = defineScenario({
  kind: 'fault',
  name: 'vanish',
  fault: { kind: 'vanish', direction: 'both' },
  watchMs: '10m',
});
const frozenIdle = defineScenario({
  kind: 'fault',
  name: 'frozen',
  fault: { kind: 'freeze' },
  watchMs: '10m',
});
const frozenSaturated = defineScenario({
  kind: 'fault',
  name: 'frozen-saturated',
  fault: { kind: 'freeze' },
  load: { kind: 'saturated', messageBytes: 65_536 },
  watchMs: '10m',
});
const quietHour = live({
  kind: 'live',
  name: 'quiet',
  silence: { kind: 'none' },
  watchMs: '1h',
});

describe('a verdict is carried out', () => {
  const reaping = (verdict?: VerdictManner): MechanismInput => ({
    kind: 'sweep',
    intervalMs: '4s',
    life: ['pong'],
    ...(verdict === undefined ? {} : { verdict }),
  });

  it.each([undefined, 'destroy'] as const)('%s: close(2) with it, and a FIN', (verdict) => {
    const run = story(policy(reaping(verdict)), frozenIdle);
    const [closed, left, released] = sinceVerdict(run);
    expect([closed, left]).toEqual([0, 0]);
    // FIN_WAIT2 of 60 s, a round trip later, in buckets of 2.048 s.
    expect(released).toBeGreaterThanOrEqual(60_000 + RTT_MS);
    expect(released).toBeLessThan(60_000 + RTT_MS + 2_048 + 4);
    expect(run.events.some(({ why }) => why === 'reset')).toBe(false);
  });

  it('reset: the kernel forgets everything with it, and says so', () => {
    const run = story(policy(reaping('reset')), vanishIdle);
    expect(sinceVerdict(run)).toEqual([0, 0, 0]);
    const last = run.events.findLast(({ event }) => event.startsWith('packet'));
    expect(last).toMatchObject({ from: 'server', atMs: run.decidedAtMs });
    expect(String(last?.['flags'])).toContain('R');
  });

  it('close: 1011, and 30 s for an answer that never comes', () => {
    const run = story(policy(reaping('close')), vanishIdle);
    const closing = run.events.find(({ event }) => event === 'closing-handshake');
    expect(closing).toMatchObject({ where: 'server-app', code: 1011, atMs: run.decidedAtMs });
    expect(sinceVerdict(run).slice(0, 2)).toEqual([30_000, 30_000]);
    expect(run.outcome).toBe('reaped');
  });

  it('close, on a living peer: it answers, and is reaped by mistake all the same', () => {
    const impatient = policy({
      kind: 'receive-deadline',
      timeoutMs: '20s',
      life: ['ping'],
      verdict: 'close',
    });
    const run = story(impatient, quietHour);
    // accept(2) comes one and a half round trips after the first SYN.
    expect(apartMs(1.5 * RTT_MS, run.decidedAtMs)).toBe(20_000);
    expect(run.outcome).toBe('reaped');
    expect(sinceVerdict(run)[0]).toBe(RTT_MS);
    const { rows } = compare({ policies: [impatient], scenarios: [quietHour], runs: 5, seed: 1n });
    expect(rows[0]?.falseReaps).toEqual({ count: 5, samples: 5 });
  });

  it('flush: at once where nothing waits in user space, never where the peer takes nothing', () => {
    expect(sinceVerdict(story(policy(reaping('flush')), frozenIdle)).slice(0, 2)).toEqual([0, 0]);
    const stuck = story(policy(reaping('flush')), frozenSaturated);
    expect(stuck.outcome).toBe('reaped');
    expect(sinceVerdict(stuck)).toEqual([null, null, null]);
    expect(times(stuck.events, 'server-app', 'flushing')).toEqual([stuck.decidedAtMs]);
  });

  it('flush: a slow reader takes what waits, then the descriptor is closed', () => {
    const slow = defineScenario({
      kind: 'live',
      name: 'slow',
      silence: { kind: 'slow-reader', bytesPerSecond: 200_000, lengthMs: '60s' },
      load: { kind: 'saturated', messageBytes: 65_536 },
      watchMs: '3m',
    });
    const run = story(policy(reaping('flush')), slow);
    const flushing = run.events.find(({ event }) => event === 'flushing');
    expect(Number(flushing?.['waitingBytes'])).toBeGreaterThan(0);
    expect(sinceVerdict(run)[0]).toBeGreaterThan(0);
    expect(run.closedAtMs).not.toBeNull();
  });
});

describe('the closing handshake', () => {
  const closing: MechanismInput = {
    kind: 'sweep',
    intervalMs: '4s',
    life: ['pong'],
    verdict: 'close',
  };

  it.each([
    [{ timeoutMs: '5s', clock: 'enqueued' }, 5_000],
    [{ timeoutMs: null, clock: 'enqueued' }, null],
    [{ timeoutMs: '5s', clock: 'enqueued', lost: 'timer' }, null],
    // The Close frame waits in user space, and its clock with it.
    [{ timeoutMs: '5s', clock: 'written' }, null],
  ] as const)('%j, behind a shut window: closed after %s ms', (timer, closedAfterMs) => {
    const run = story(policy(closing, { kind: 'close-handshake', ...timer }), frozenSaturated);
    expect(run.outcome).toBe('reaped');
    expect(sinceVerdict(run)[0]).toBe(closedAfterMs);
  });

  it.each(['enqueued', 'written'] as const)('%s is the same where the kernel has room', (clock) => {
    const timer: MechanismInput = { kind: 'close-handshake', timeoutMs: '5s', clock };
    expect(sinceVerdict(story(policy(closing, timer), vanishIdle))[0]).toBe(5_000);
  });
});

describe('the opening handshake', () => {
  const neverUpgrades = defineScenario({
    kind: 'fault',
    name: 'never-upgrades',
    fault: { kind: 'handshake-abandoned', after: 'established' },
    watchMs: '10m',
  });
  const ghostMs = (run: RunResult): number | null => apartMs(run.faultAtMs, run.decidedAtMs);

  it('has for ever where the policy says nothing', () => {
    expect(ghostMs(story(policy(), neverUpgrades))).toBe(null);
  });

  it('ends at its deadline, with its own reason', () => {
    const run = story(policy({ kind: 'handshake-deadline', timeoutMs: '15s' }), neverUpgrades);
    expect(ghostMs(run)).toBe(15_000);
    expect(run.reason).toContain('handshake deadline');
    expect(run.outcome).toBe('reaped');
  });

  it('at the next tick of a coarser timer of the process: [15, 25) s, over all runs', () => {
    const coarse = policy({
      kind: 'handshake-deadline',
      timeoutMs: '15s',
      granularity: { everyMs: '10s' },
    });
    const found = Array.from({ length: 40 }, (_, run) =>
      Number(ghostMs(story(coarse, neverUpgrades, run))),
    );
    expect(Math.min(...found)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...found)).toBeLessThan(25_000);
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(5_000);
  });

  it('for ever where the timer is lost', () => {
    const lost = policy({ kind: 'handshake-deadline', timeoutMs: '15s', lost: 'timer' });
    expect(ghostMs(story(lost, neverUpgrades))).toBeNull();
  });

  it('by a reset where the policy says so', () => {
    const run = story(
      policy({ kind: 'handshake-deadline', timeoutMs: '15s', verdict: 'reset' }),
      neverUpgrades,
    );
    expect(sinceVerdict(run)).toEqual([0, 0, 0]);
  });
});

describe('a heartbeat of the peer', () => {
  const counting = (peerHeartbeat: PolicyInput['peerHeartbeat']): Policy => {
    if (peerHeartbeat === undefined) throw new Error('a heartbeat');
    const sign = peerHeartbeat.sign ?? 'ping';
    return definePolicy({
      name: 'counting',
      mechanisms: [{ kind: 'receive-deadline', timeoutMs: '12s', life: [sign] }],
      peerHeartbeat,
    });
  };

  it('keeps a quiet connection: 720 pings an hour, each answered', () => {
    const { events, outcome } = story(counting({ everyMs: '5s', sign: 'ping' }), quietHour);
    expect(outcome).toBe('survived');
    expect(times(events, 'server-app', 'ping-read')).toHaveLength(720);
    expect(times(events, 'server-app', 'pong-sent')).toHaveLength(720);
    expect(times(events, 'peer-app', 'pong-read')).toHaveLength(720);
  });

  it('begins at a phase of its own per run', () => {
    const first = Array.from({ length: 30 }, (_, run) => {
      const { events } = story(counting({ everyMs: '5s', sign: 'pong' }), vanishIdle, run);
      return times(events, 'peer-app', 'unsolicited-pong-sent')[0] ?? NaN;
    });
    // The client is connected one round trip after its SYN.
    expect(Math.min(...first)).toBeGreaterThanOrEqual(RTT_MS);
    expect(Math.min(...first)).toBeLessThan(RTT_MS + 1_000);
    expect(Math.max(...first)).toBeGreaterThan(RTT_MS + 4_000);
    expect(Math.max(...first)).toBeLessThanOrEqual(RTT_MS + 5_000);
  });

  it('gone with the peer: the deadline runs from the last that arrived', () => {
    const run = story(counting({ everyMs: '5s', sign: 'message', bytes: 20 }), vanishIdle);
    const last = times(run.events, 'server-app', 'heartbeat-read').at(-1) ?? NaN;
    expect(apartMs(last, run.decidedAtMs)).toBe(12_000);
  });

  const pageFrozen = defineScenario({
    kind: 'live',
    name: 'page-frozen',
    silence: { kind: 'page-freeze', lengthMs: '60s' },
    watchMs: '3m',
  });
  it.each([
    ['websocket', 'survived'],
    ['application', 'reaped'],
  ] as const)('sent by the %s in a frozen page: %s', (sentBy, outcome) => {
    const run = story(counting({ everyMs: '5s', sign: 'message', bytes: 20, sentBy }), pageFrozen);
    expect(run.outcome).toBe(outcome);
  });

  it('of an application that pauses stops, and comes at once when it runs again', () => {
    const paused = defineScenario({
      kind: 'live',
      name: 'paused',
      silence: { kind: 'application-pause', lengthMs: '9s' },
      watchMs: '1m',
    });
    const patient = counting({ everyMs: '5s', sign: 'message', bytes: 20, sentBy: 'application' });
    const { events } = story(patient, paused);
    const [from = NaN] = times(events, 'peer-app', 'silence-began');
    const [to = NaN] = times(events, 'peer-app', 'silence-ended');
    const sent = times(events, 'peer-app', 'heartbeat-sent');
    expect(sent.filter((atMs) => atMs > from && atMs < to)).toEqual([]);
    expect(sent).toContain(to);
  });

  it('is the policy’s cost: a ping, its pong and an acknowledgement, and a wake-up to read it', () => {
    const { packetsPerHour, bytesPerHour, wakeupsPerHour } = cost(
      counting({ everyMs: '5s', sign: 'ping', bytes: 6 }),
      quietHour,
    );
    expect(packetsPerHour / (720 * 3)).toBeCloseTo(1, 1);
    // 52 bytes of headers each; a ping of 6 bytes, a pong without the mask: 2.
    expect(bytesPerHour / (720 * (58 + 54 + 52))).toBeCloseTo(1, 1);
    expect(wakeupsPerHour / 720).toBeCloseTo(1, 1);
  });

  it('that only the scenario’s client sends is nobody’s cost', () => {
    const chatty = defineScenario({ ...quietHour, client: { pingEveryMs: 5_000 } });
    expect(times(story(policy(), chatty).events, 'server-app', 'ping-read')).toHaveLength(720);
    expect(cost(policy(), chatty)).toEqual({
      packetsPerHour: 0,
      bytesPerHour: 0,
      wakeupsPerHour: 0,
    });
  });
});

describe('a ping of the application', () => {
  const paused = defineScenario({
    kind: 'live',
    name: 'paused',
    silence: { kind: 'application-pause', lengthMs: '30s' },
    watchMs: '2m',
  });
  const pinging = (answeredBy: 'websocket' | 'application', replyTimeoutMs: string): Policy =>
    policy({ kind: 'ping', intervalMs: '5s', replyTimeoutMs, life: ['pong'], answeredBy });

  it('is not answered by an application that is paused, though its library would', () => {
    expect(story(pinging('websocket', '10s'), paused).outcome).toBe('survived');
    const run = story(pinging('application', '10s'), paused);
    const [from = NaN] = times(run.events, 'peer-app', 'silence-began');
    expect(run.outcome).toBe('reaped');
    // The first ping of the pause comes within 5 s; what left just before is answered.
    expect((run.decidedAtMs ?? NaN) - from).toBeGreaterThan(10_000 - RTT_MS);
    expect((run.decidedAtMs ?? NaN) - from).toBeLessThanOrEqual(15_000);
  });

  it.each([
    ['pong', 'survived'],
    ['matching-pong', 'reaped'],
  ] as const)('while pongs come that nobody asked for, and life is %s: %s', (sign, outcome) => {
    const unasked = definePolicy({
      name: 'unasked',
      mechanisms: [
        {
          kind: 'ping',
          intervalMs: '5s',
          replyTimeoutMs: '10s',
          life: [sign],
          answeredBy: 'application',
        },
      ],
      peerHeartbeat: { everyMs: '3s', sign: 'pong', sentBy: 'websocket' },
    });
    expect(story(unasked, paused).outcome).toBe(outcome);
  });

  it('is answered when the application runs again, each of them', () => {
    const run = story(pinging('application', '40s'), paused);
    const [from = NaN] = times(run.events, 'peer-app', 'silence-began');
    const [to = NaN] = times(run.events, 'peer-app', 'silence-ended');
    const read = times(run.events, 'peer-app', 'ping-read').filter((at) => at > from && at < to);
    const sent = times(run.events, 'peer-app', 'pong-sent').filter((at) => at >= from);
    expect(run.outcome).toBe('survived');
    expect(read.length).toBeGreaterThanOrEqual(5);
    expect(sent.filter((atMs) => atMs < to)).toEqual([]);
    expect(sent.filter((atMs) => atMs === to)).toHaveLength(read.length);
  });
});

describe('a pool entry', () => {
  /** Borrowed after `idleMs`, behind a NAT that forgets after five minutes. */
  const borrowed = (idleMs: string): Scenario =>
    defineScenario({
      kind: 'fault',
      name: 'pool',
      fault: { kind: 'nat-expiry', idleMs: '5m' },
      story: { kind: 'pool', idleMs, queryBytes: 200 },
      watchMs: '30m',
    });
  /** Borrowed after a minute, from a database that lives. */
  const living = (): Scenario =>
    defineScenario({
      kind: 'live',
      name: 'borrowed-alive',
      silence: { kind: 'none' },
      story: { kind: 'pool', idleMs: '1m', queryBytes: 200 },
      watchMs: '2m',
    });
  const check: MechanismInput = { kind: 'borrow-check', timeoutMs: '5s', freshMs: '500ms' };

  it('that lives is tested, then asked; both answers come a round trip later', () => {
    const { events } = story(
      policy(check, { kind: 'request-deadline', timeoutMs: '10s' }),
      living(),
    );
    const at = (where: string, event: string): number[] => times(events, where, event);
    const [tested = NaN] = at('server-app', 'test-query-sent');
    const after = (event: string): (number | null)[] =>
      at('server-app', event).map((atMs) => apartMs(tested, atMs));
    expect(after('reply-read')).toEqual([RTT_MS, 2 * RTT_MS]);
    expect(after('query-sent')).toEqual([RTT_MS]);
    expect(at('server-app', 'reaped')).toEqual([]);
  });

  it('without a test is asked at once', () => {
    const { events } = story(policy(), living());
    const [asked = NaN] = times(events, 'server-app', 'query-sent');
    expect(times(events, 'server-app', 'test-query-sent')).toEqual([]);
    const [answered = NaN] = times(events, 'server-app', 'reply-read');
    expect(apartMs(asked, answered)).toBe(RTT_MS);
  });

  it('that was just used is not tested', () => {
    const busy = defineScenario({ ...living(), client: { pingEveryMs: 400 } });
    const { events } = story(policy(check), busy);
    expect(times(events, 'server-app', 'test-query-sent')).toEqual([]);
    expect(times(events, 'server-app', 'query-sent')).toHaveLength(1);
  });

  it.each([
    ['the test hangs', check, 'test-query-sent', 5_000],
    ['the query hangs', { kind: 'request-deadline', timeoutMs: '10s' }, 'query-sent', 10_000],
  ] as const)('behind a NAT that forgot it: %s', (_what, mechanism, event, patienceMs) => {
    const run = story(policy(mechanism), borrowed('10m'));
    const [sent = NaN] = times(run.events, 'server-app', event);
    expect(run.outcome).toBe('reaped');
    expect(apartMs(sent, run.decidedAtMs)).toBe(patienceMs);
  });
});

describe('a peer that pings too often', () => {
  const strict = policy({ kind: 'ping-strikes', minIntervalMs: '5s', maxStrikes: 2 });
  const pings = (everyMs: number, more: Partial<LiveScenario> = {}): LiveScenario => ({
    ...quietHour,
    client: { pingEveryMs: everyMs },
    ...more,
  });

  it('is reaped at its fourth ping: the first is free, two strikes are forgiven', () => {
    const run = story(strict, pings(1_000));
    const read = times(run.events, 'server-app', 'ping-read');
    expect(read).toHaveLength(4);
    expect(run.decidedAtMs).toBe(read[3]);
    expect(run.reason).toContain('ping strikes');
  });

  it('is left alone at the allowed rate, and by a server that sends messages in between', () => {
    expect(story(strict, pings(5_000)).outcome).toBe('survived');
    const talking = pings(1_000, {
      load: { kind: 'periodic', bytes: 100, everyMs: 900, direction: 'server' },
    });
    expect(story(strict, talking).outcome).toBe('survived');
  });

  it('is counted ping by ping where several are read at once, after a stall of the server', () => {
    const stalled = pings(6_000, { silence: { kind: 'server-stall', lengthMs: 30_000 } });
    const run = story(strict, stalled);
    const read = times(run.events, 'server-app', 'ping-read');
    expect(run.outcome).toBe('reaped');
    expect(read.filter((atMs) => atMs === run.decidedAtMs).length).toBeGreaterThanOrEqual(3);
  });
});

describe('news of the send path', () => {
  const locked = named('wedged-send-path');

  it('a write deadline runs on while the ping waits for the lock that the write holds', () => {
    const run = story(
      policy(
        { kind: 'ping', intervalMs: '3s', replyTimeoutMs: '5s', life: ['pong'] },
        { kind: 'write-deadline', timeoutMs: '10s' },
      ),
      locked,
    );
    expect(run.reason).toContain('write deadline');
    const blocked = times(run.events, 'server-app', 'send-blocked').at(-1) ?? NaN;
    expect(apartMs(blocked, run.decidedAtMs)).toBe(10_000);
    expect(times(run.events, 'server-app', 'ping-waits-for-lock').length).toBeGreaterThan(0);
  });

  it('a write deadline does not run out while the whole process stands still, but right after', () => {
    const stalled = defineScenario({
      ...frozenSaturated,
      server: {
        ...frozenSaturated.server,
        broken: { kind: 'loop-stalled', lengthMs: '30s' },
      },
    });
    const run = story(policy({ kind: 'write-deadline', timeoutMs: '10s' }), stalled);
    expect(apartMs(run.faultAtMs, run.decidedAtMs)).toBe(30_000);
  });

  it('a message behind others that wait is not taken at once', () => {
    const low = defineScenario({
      ...frozenIdle,
      load: { kind: 'periodic', bytes: 65_536, everyMs: 500, direction: 'server' },
      server: { ...frozenIdle.server, userQueueBytes: 1 << 28 },
    });
    const trusting: MechanismInput = {
      kind: 'receive-deadline',
      timeoutMs: '12s',
      life: ['send-accepted'],
    };
    const run = story(policy(trusting), low);
    const accepted = times(run.events, 'server-app', 'message-accepted').at(-1) ?? NaN;
    const blocked = times(run.events, 'server-app', 'send-blocked').at(-1) ?? NaN;
    expect(apartMs(accepted, run.decidedAtMs)).toBe(12_000);
    expect(apartMs(accepted, blocked)).toBe(500);
  });

  it('looked at only by the next sender, it never comes where the one sender is blocked', () => {
    const lazy: MechanismInput = {
      kind: 'write-deadline',
      timeoutMs: '10s',
      judgedAt: 'next-send',
    };
    expect(story(policy(lazy), locked).outcome).toBe('undetected');
    // A queueing sender tries again with its next message, half a second after the deadline at most.
    const low = defineScenario({
      ...frozenIdle,
      load: { kind: 'periodic', bytes: 65_536, everyMs: 500, direction: 'server' },
      server: { ...frozenIdle.server, userQueueBytes: 1 << 28 },
    });
    const run = story(policy(lazy), low);
    const blocked = times(run.events, 'server-app', 'send-blocked').at(-1) ?? NaN;
    expect((run.decidedAtMs ?? NaN) - blocked).toBeGreaterThanOrEqual(10_000);
    expect((run.decidedAtMs ?? NaN) - blocked).toBeLessThanOrEqual(10_500);
  });

  it('a slow reader drains all of the queue now and then: no deadline of 10 s goes off', () => {
    const slow = defineScenario({
      kind: 'live',
      name: 'slow',
      silence: { kind: 'slow-reader', bytesPerSecond: 1_000_000, lengthMs: '60s' },
      load: { kind: 'saturated', messageBytes: 65_536 },
      watchMs: '3m',
    });
    const run = story(policy({ kind: 'write-deadline', timeoutMs: '10s' }), slow);
    expect(run.outcome).toBe('survived');
    expect(times(run.events, 'server-app', 'send-drained').length).toBeGreaterThan(3);
  });

  it('a queue above its hard limit ends at the next look, one above the soft limit after its time', () => {
    const stuck = defineScenario({
      ...frozenSaturated,
      server: { ...frozenSaturated.server, userQueueBytes: 1 << 20 },
    });
    const hard = policy({ kind: 'send-queue-limit', hardBytes: 1 << 19, everyMs: '1s' });
    const soft = policy({
      kind: 'send-queue-limit',
      hardBytes: null,
      softBytes: 1 << 19,
      softForMs: '20s',
      everyMs: '1s',
    });
    const atOnce = story(hard, stuck);
    expect(apartMs(atOnce.faultAtMs, atOnce.decidedAtMs)).toBeLessThanOrEqual(2_000);
    expect(apartMs(atOnce.decidedAtMs, story(soft, stuck).decidedAtMs)).toBe(20_000);
  });
});

describe('what a policy draws', () => {
  it('is drawn per run: ages of 10 s ± 20 % lie all over 8 … 12 s', () => {
    const ageing = policy({ kind: 'age', maxMs: '10s', jitterPercent: 20 });
    const ages = Array.from({ length: 60 }, (_, run) => {
      const { decidedAtMs } = simulate(ageing, quietHour, { seed: 5n, run });
      return (decidedAtMs ?? NaN) - 1.5 * RTT_MS;
    });
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(8_000);
    expect(Math.min(...ages)).toBeLessThan(8_300);
    expect(Math.max(...ages)).toBeLessThanOrEqual(12_000);
    expect(Math.max(...ages)).toBeGreaterThan(11_700);
  });
});
