/**
 * T by reachability: against arithmetic by hand where that is easy, against simulated lives everywhere: no living peer is ended in a silence that is
 * shorter, and some are in one that is a little longer.
 */
import { describe, expect, it, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { isSurvived, reachTolerance } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { feedRtt } from '../../model/linux/estimator.ts';
import { varianceUs } from '../../model/reach/sample-delay.ts';
import { drawSilence, numbers } from './draw.ts';
import { livesEnded } from './lives.ts';
import { endedInShorter, of, provedMs } from './proved.ts';
import { asMany } from '../support/effort.ts';
import { story } from '../support/named.ts';

function silent(silence: object, more: object = {}): Scenario {
  return defineScenario({
    kind: 'live',
    name: 'story',
    silence: { lengthMs: 1000, ...silence },
    load: { kind: 'idle' },
    path: { rttMs: 50 },
    ...more,
  } as never);
}

const sweep = { kind: 'sweep', intervalMs: '30s', timer: 'per-connection', life: ['pong'] };
const ping = { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '20s', life: ['pong'] };
const beats = { everyMs: '20s', sign: 'message', sentBy: 'application' };
const waitsForMessages = { kind: 'receive-deadline', timeoutMs: '60s', life: ['message'] };

describe('a tolerance by hand', () => {
  // The silence begins as a ping arrives, whose answer leaves when it is over: patience less a round trip.
  test.each([
    ['sweep, its own process starved', [sweep], {}, { kind: 'server-starved' }, 29_950],
    ['sweep, its own process stalled', [sweep], {}, { kind: 'server-stall' }, 29_950],
    ['sweep, a stopped client', [sweep], {}, { kind: 'process-pause' }, 29_950],
    ['ping, a stopped client', [ping], {}, { kind: 'process-pause' }, 19_950],
    ['ping, its application paused', [ping], {}, { kind: 'application-pause' }, Infinity],
    [
      'ping for the application, which is paused',
      [{ ...ping, answeredBy: 'application' }],
      {},
      { kind: 'application-pause' },
      19_950,
    ],
    // The last message has just left, the next one 20 s later would have been in time; the very first is half a round trip later.
    [
      'deadline fed by heartbeats of the application',
      [waitsForMessages],
      { peerHeartbeat: beats },
      { kind: 'application-pause' },
      39_975,
    ],
    [
      'a page in view, its timers once a minute',
      [sweep],
      {},
      { kind: 'timers-throttled', everyMs: 60_000 },
      Infinity,
    ],
    ['age', [{ kind: 'age', maxMs: '10m' }], {}, { kind: 'outage' }, 0],
    ['idleness without messages', [{ kind: 'idle', timeoutMs: '10m' }], {}, { kind: 'outage' }, 0],
    ['nothing, and nothing in flight', [], {}, { kind: 'outage' }, Infinity],
    [
      'a user timeout, and nothing in flight',
      [{ kind: 'user-timeout', timeoutMs: '20s' }],
      {},
      { kind: 'outage' },
      Infinity,
    ],
  ])('%s', (_name, mechanisms, extra, silence, ms) => {
    const actual = provedMs(of(mechanisms, extra), silent(silence));
    // A microsecond decides which of two comes first.
    expect(actual === ms ? 0 : Math.abs(actual - ms)).toBeLessThanOrEqual(2);
  });

  // Probe and first retransmission come about 0.25 s and 0.5 s after the ping (RTO 63 ticks of 4 ms); from there each wait is twice the one before.
  test.each([
    ['sweep of 30 s', [sweep], 16_100, 16_500],
    [
      'pong timer of 10 s beside it',
      [sweep, { kind: 'pong-timer', timeoutMs: '10s', life: ['pong'] }],
      8_050,
      8_250,
    ],
    [
      'sweep of 25 s that forgives one',
      [{ ...sweep, intervalMs: '25s', misses: 2 }],
      32_200,
      33_000,
    ],
  ])('%s in an outage: the last retransmission in time', (_name, mechanisms, least, most) => {
    const actual = provedMs(of(mechanisms), silent({ kind: 'outage' }));
    expect(actual).toBeGreaterThan(least);
    expect(actual).toBeLessThan(most);
  });

  it('of a deadline fed by heartbeats of a host that sleeps: its clock stands with it, to a slice of the rhythm', () => {
    const policy = of([waitsForMessages], { peerHeartbeat: beats });
    const actual = provedMs(policy, silent({ kind: 'host-sleep' }));
    expect(actual).toBeGreaterThan(40_000 - 20_000 / 32);
    expect(actual).toBeLessThanOrEqual(40_000.001);
  });

  it('of a deadline fed by heartbeats in an outage: the last retransmission of the peer’s kernel in time', () => {
    const policy = of([waitsForMessages], { peerHeartbeat: beats });
    const ms = provedMs(policy, silent({ kind: 'outage' }));
    // 40 s are left when a heartbeat is lost; its retransmissions come 16.3 s, 32.7 s, 65.5 s after it.
    expect(ms).toBeGreaterThan(32_200);
    expect(ms).toBeLessThan(33_000);
    expect(
      livesEnded(policy, silent({ kind: 'outage', lengthMs: 34_500 }), 64, 100),
    ).toBeGreaterThan(0);
  });

  it('of keepalive in an outage: the last probe has to get through, if the answer to the first is lost', () => {
    const keepalive = { kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 };
    const actual = provedMs(of([keepalive]), silent({ kind: 'outage' }));
    expect(actual).toBeGreaterThan(10_000 - 50);
    expect(actual).toBeLessThan(10_500);
  });
});

describe('what is declined', () => {
  test.each([
    ['jitter', { path: { rttMs: 50, jitterMs: 5 } }],
    ['loss', { path: { rttMs: 50, lossPercent: 1 } }],
    ['a full send path of small messages', { load: { kind: 'saturated', messageBytes: 1000 } }],
  ])('%s is not proved', (_name, more) => {
    expect(reachTolerance(of([sweep]), silent({ kind: 'outage' }, more)).kind).toBe('not-proved');
  });

  it('is cut off with what was proved until then', () => {
    const tolerance = reachTolerance(of([sweep]), silent({ kind: 'outage' }), 40);
    expect(tolerance).toMatchObject({ kind: 'not-proved', because: 'more than 40 steps' });
  });
});

describe('the shortest story that ends a living peer', () => {
  it('adds up to the time from the beginning of the silence to the end', () => {
    const tolerance = reachTolerance(of([ping]), silent({ kind: 'process-pause' }));
    if (tolerance.kind !== 'proved') throw new Error(tolerance.because);
    const sum = tolerance.path.reduce((total, leg) => total + leg.ms, 0);
    expect(sum).toBeGreaterThanOrEqual(tolerance.ms - 0.001);
    expect(sum).toBeLessThan(tolerance.ms + 100);
  });
});

describe('what is stated', () => {
  it('is what reachability proves, whoever hears whom', () => {
    const policy = of([{ ...sweep, skipAfter: ['pong'] }]);
    const { tolerance } = bounds(policy, silent({ kind: 'process-pause' }));
    expect(tolerance).toMatchObject({ proved: true, by: 'sweep', maxMs: 29_950 });
    expect(tolerance.formula).toMatch(/shortest silence/);
  });

  it('of keepalive beside a client that talks: the first probe comes an idle time after its last message', () => {
    // No probe is out when the outage begins.
    const keepalive = { kind: 'keepalive', idleMs: '15s', intervalMs: '15s', probes: 9 };
    const policy = of([keepalive, { kind: 'user-timeout', timeoutMs: '20s' }]);
    const load = { kind: 'periodic', bytes: 200, everyMs: 500, direction: 'client' };
    const outage = (lengthMs: number): Scenario => silent({ kind: 'outage', lengthMs }, { load });
    const { maxMs } = bounds(policy, outage(1000)).tolerance;
    expect(maxMs).toBeGreaterThan(14_000);
    expect(livesEnded(policy, outage(Math.floor(maxMs ?? 0) - 1), 64, 100)).toBe(0);
    expect(livesEnded(policy, outage(Math.ceil((maxMs ?? 0) * 1.05)), 64, 100)).toBeGreaterThan(0);
  });

  it('counts from the opening: a deadline may come sooner after the first ping than after any other', () => {
    const policy = of([
      { kind: 'ping', intervalMs: '25s', replyTimeoutMs: null },
      {
        kind: 'receive-deadline',
        timeoutMs: '50s',
        life: ['pong'],
        granularity: { everyMs: '25s', grid: 'connection' },
      },
    ]);
    const ms = provedMs(policy, silent({ kind: 'outage' }));
    expect(ms).toBeGreaterThan(16_000);
    expect(ms).toBeLessThan(16_500);
    expect(livesEnded(policy, silent({ kind: 'outage', lengthMs: 16_000 }), 64, 100)).toBe(0);
    expect(
      livesEnded(policy, silent({ kind: 'outage', lengthMs: 20_000 }), 64, 300),
    ).toBeGreaterThan(0);
  });
});

describe('what a silence meets', () => {
  const busy = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };

  it('a page whose buffer is full answers no more: the patience begins when 131 000 bytes lie unread', () => {
    const policy = of([{ ...sweep, misses: 3 }]);
    const frozen = (lengthMs: number): Scenario =>
      silent({ kind: 'page-freeze', lengthMs }, { load: busy });
    const ms = provedMs(policy, frozen(1000));
    // Two messages a second fill it in 64 s at the latest, less the first congestion window; three ticks of 30 s are forgiven.
    expect(ms).toBeGreaterThan(64_000 - 6_000 + 3 * 30_000 - 1_000);
    expect(ms).toBeLessThan(66_000 + 3 * 30_000);
    expect(livesEnded(policy, frozen(Math.ceil(ms) - 1), 32, 50)).toBe(0);
    expect(livesEnded(policy, frozen(185_000), 32, 50)).toBeGreaterThan(0);
  });

  it('a user timeout right after a retransmission: what arrives is acknowledged too late', () => {
    // RTO 0.5 s: 1 s, 3 s and 7 s after the first retransmission; an acknowledgement takes 0.3 s.
    const policy = of([
      { kind: 'user-timeout', timeoutMs: '7.1s' },
      { ...sweep, intervalMs: '60s' },
    ]);
    const outage = (lengthMs: number): Scenario =>
      silent({ kind: 'outage', lengthMs }, { path: { rttMs: 300 } });
    const ms = provedMs(policy, outage(1000));
    expect(ms).toBeGreaterThan(3_500);
    expect(ms).toBeLessThan(4_300);
    expect(livesEnded(policy, outage(Math.ceil(ms) - 1), 100, 100)).toBe(0);
    expect(livesEnded(policy, outage(6_000), 400, 200)).toBeGreaterThan(0);
  });

  it('a fault that somebody reports is, as a silence, an outage', () => {
    const policy = of([sweep]);
    const fault = (kind: string): Scenario =>
      defineScenario({
        kind: 'fault',
        name: 'story',
        fault: { kind },
        load: { kind: 'idle' },
      } as never);
    const ms = provedMs(policy, silent({ kind: 'outage' }));
    expect(provedMs(policy, fault('unreachable'))).toBe(ms);
    expect(provedMs(policy, fault('link-down'))).toBe(ms);
  });
});

describe('both sides send, and the path is cut', () => {
  // Written every half second, pinged or heard of every few seconds: what is sent puts the first retransmission off, and what is joined still tells lengths apart.
  test.each([
    ['deno-upgradeWebSocket', 7_400],
    ['spring-simple-broker', 6_000],
    ['rabbitmq-amqp091', 30_000],
    ['jupyter-server', 36_000],
    // What a peer's kernel had sent has arrived, and its next heartbeat waits for that to be acknowledged: it follows the acknowledgement.
    ['engine.io-v4-client', 8_000],
    ['action-cable-client', 1_500],
  ])('%s survives so much at least, and nobody is ended before', (name, leastMs) => {
    const policy = presets[name] as Policy;
    const busy = (lengthMs: number): Scenario =>
      silent(
        { kind: 'outage', lengthMs },
        { load: { kind: 'periodic', everyMs: 500, bytes: 1024 } },
      );
    const ms = provedMs(policy, busy(1000));
    expect(ms).toBeGreaterThan(leastMs);
    expect(livesEnded(policy, busy(Math.ceil(ms) - 1), 16, 16)).toBe(0);
  });
});

describe('the retransmission timeout', () => {
  it('has a variance term no greater than is reckoned, whatever the order of early and late samples', () => {
    const rttUs = 50_000;
    const delayUs = 208_000;
    const most = Math.max(200_000, varianceUs(rttUs, delayUs));
    const draw = numbers(5);
    for (let life = 0; life < 200; life += 1) {
      const rtt = { srtt8: 0, mdev4: 0, rttvar4: 0, mdevMax4: 0, rttSeq: 0 };
      feedRtt(rtt, rttUs, 200_000, 0, 1);
      const early = Math.floor(draw() * 30);
      for (let sample = 1; sample < 60; sample += 1) {
        const isLate = life % 2 === 0 ? sample > early : draw() < 0.4;
        feedRtt(rtt, rttUs + (isLate ? delayUs : 0), 200_000, sample, sample + 1);
        expect(rtt.rttvar4).toBeLessThanOrEqual(most);
      }
    }
    // A mean of early samples, and then late ones, comes near it.
    expect(most).toBeLessThan(2.5 * delayUs);
  });
});

describe('whether a silence is survived', () => {
  it.each([
    ['sweep', [sweep], { kind: 'outage' }],
    ['ping', [ping], { kind: 'process-pause' }],
  ])('is asked without looking further: %s', (_name, mechanisms, silence) => {
    const policy = of(mechanisms);
    const ms = provedMs(policy, silent(silence));
    expect(isSurvived(policy, silent(silence), Math.floor(ms))).toBe(true);
    expect(isSurvived(policy, silent(silence), Math.ceil(ms * 1.02))).toBe(false);
  });

  it('is known of lengths where T itself is cut off', () => {
    const telemetry = story('vanish-telemetry');
    const policy = presets['nats.js'] as Policy;
    expect(isSurvived(policy, telemetry, 2_000, 20_000)).toBe(true);
    expect(isSurvived(policy, telemetry, 1e9, 20_000)).toBe(false);
  });

  it('ends nobody where it is said to be: drawn policies, three lengths', () => {
    const broken: string[] = [];
    let judged = 0;
    for (let seed = 1_001; seed <= 1_000 + asMany(20); seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      for (const lengthMs of [700, 4_000, 25_000]) {
        if (!isSurvived(cell.policy, cell.silent(1000), lengthMs)) break;
        judged += 1;
        const ended = livesEnded(cell.policy, cell.silent(lengthMs - 1), 8, 8);
        if (ended > 0) broken.push(`drawSilence(${seed}): ${ended} ended in ${lengthMs - 1} ms`);
      }
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(5);
  }, 120_000);

  it('where nothing ends anybody, however long', () => {
    expect(isSurvived(of([]), silent({ kind: 'outage' }), 1e9)).toBe(true);
  });
});

const DRAWN = asMany(50);
/** At phases of a grid, and as many by chance. */
const LIVES = 8;

describe('drawn policies in drawn silences', () => {
  it(`end nobody in a shorter one: ${DRAWN} cells`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const shorter = endedInShorter(cell.policy, cell.silent, [3_000, 90_000], LIVES);
      judged += shorter.judged;
      broken.push(...shorter.broken.map((one) => `drawSilence(${seed}): ${one}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 2);
  }, 120_000);
});

describe('tight', () => {
  // One mechanism on an idle connection: a tick and a round trip above T somebody is ended, at some phase.
  test.each([
    ['sweep', [sweep], { kind: 'process-pause' }],
    ['sweep', [sweep], { kind: 'outage' }],
    ['ping', [ping], { kind: 'server-starved' }],
    ['ping', [ping], { kind: 'outage' }],
    [
      'keepalive',
      [{ kind: 'keepalive', idleMs: '10s', intervalMs: '5s', probes: 3 }],
      { kind: 'outage' },
    ],
    ['deadline', [waitsForMessages], { kind: 'application-pause' }],
  ])('%s, %o', (_name, mechanisms, silence) => {
    const policy = of(
      mechanisms,
      mechanisms[0] === waitsForMessages ? { peerHeartbeat: beats } : {},
    );
    const ms = provedMs(policy, silent(silence));
    const lengthMs = Math.ceil(ms * 1.02) + 4 + 50;
    expect(livesEnded(policy, silent({ ...silence, lengthMs }), 400, 200)).toBeGreaterThan(0);
  });
});
