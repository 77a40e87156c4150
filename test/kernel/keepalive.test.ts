/** Keepalive: worked examples, deferral, and lives that go on. */
import { describe, expect, it } from 'vitest';
import { Pair, valuesOf } from './pair.ts';

const SECOND = 1_000_000;

describe('an idle connection whose peer has vanished', () => {
  // idle/interval/probes, user timeout, nominal probes and death; measured at HZ 250 beside it.
  it.each([
    [10, 5, 3, 0, [10, 15, 20], 25, 25.36],
    [10, 5, 3, 20_000, [10, 15], 20, 20.33],
    [10, 5, 3, 18_000, [10, 15], 20, 20.38],
    [10, 5, 3, 8000, [10], 15, 15.14],
    [10, 5, 3, 30_000, [10, 15, 20, 25], 30, 30.43],
    [1, 1, 3, 0, [1, 2, 3], 4, 4.09],
    // N. Cardwell's script of January 2025: probes at 3, 5, 7, 9, reset at 11 s.
    [3, 2, 4, 0, [3, 5, 7, 9], 11, 11.2],
  ])(
    '%i/%i/%i, user timeout %i',
    (idleS, intervalS, probes, userTimeoutMs, times, nominal, seen) => {
      for (let phase = 0; phase < 64; phase += 1) {
        const pair = new Pair({
          config: { jiffiesAtZero: 2 ** 32 + phase + 0.3 },
          server: { keepalive: { idleS, intervalS, probes }, userTimeoutMs },
        });
        pair.connect();
        const heardUs = pair.serverOwner.establishedUs ?? 0;
        pair.cut();
        pair.runFor(60 * SECOND);
        const sent = pair.fromServer(heardUs, 'keepalive-probe');
        expect(sent).toHaveLength(times.length);
        // A timer of 2…16 s is late by up to 256 ms, one below 2 s by up to 32 ms, each time.
        const slackS = (sent.length + 1) * (idleS < 2 ? 0.036 : 0.26);
        const diedS = ((pair.serverOwner.failure?.atUs ?? 0) - heardUs) / SECOND;
        expect(diedS).toBeGreaterThanOrEqual(nominal);
        expect(diedS).toBeLessThan(nominal + slackS);
        expect(Math.abs(diedS - seen)).toBeLessThan(slackS);
        expect(pair.fromServer(heardUs, 'keepalive-reset')).toHaveLength(1);
        expect(pair.serverOwner.failure?.errno).toBe('ETIMEDOUT');
      }
    },
  );

  it('by the jiffy: checks on the recorded grid, 1280 jiffies apart', () => {
    const pair = new Pair({
      config: { jiffiesAtZero: 4_295_256_120 },
      server: { keepalive: { idleS: 10, intervalS: 5, probes: 3 } },
    }).connect();
    pair.cut();
    pair.runFor(60 * SECOND);
    const jiffies = pair.fromServer(0, 'keepalive-probe').map((one) => one.jiffy);
    expect(jiffies).toEqual([4_295_258_624, 4_295_258_624 + 1280, 4_295_258_624 + 2 * 1280]);
    expect(pair.jiffy(pair.serverOwner.failure?.atUs ?? 0)).toBe(4_295_258_624 + 3 * 1280);
  });
});

describe('keepalive and traffic', () => {
  const keepalive = { idleS: 5, intervalS: 2, probes: 3 };

  it('options are inherited by nothing and re-arm nothing but the idle time', () => {
    const pair = new Pair().connect();
    pair.runFor(3 * SECOND);
    pair.server.socket.setOptions(valuesOf({ keepalive }));
    pair.cut();
    const setUs = pair.scheduler.nowUs;
    pair.runFor(6 * SECOND);
    const first = pair.fromServer(setUs, 'keepalive-probe')[0];
    // TCP_KEEPIDLE takes the 4 s of silence since the handshake off its time (tcp_sock_set_keepidle_locked).
    expect(((first?.atUs ?? 0) - setUs) / SECOND).toBeGreaterThanOrEqual(1);
    expect(((first?.atUs ?? 0) - setUs) / SECOND).toBeLessThan(1.26);
  });

  it('waits while data waits behind a shut window, for a full idle time again, and never ends that connection', () => {
    const keepalive = { idleS: 5, intervalS: 2, probes: 3 };
    const pair = new Pair({ server: { keepalive } }).connect();
    pair.clientOwner.reading = false;
    pair.send(400_000);
    pair.runFor(5 * SECOND);
    expect(pair.info().unacked).toBe(0);
    pair.cut();
    pair.runFor(100 * SECOND);
    // Nobody has answered for 100 s; window probes, of which tcp_retries2 allows 15, are all there is.
    expect(pair.fromServer(SECOND, 'keepalive-probe')).toEqual([]);
    expect(pair.serverOwner.failure).toBeNull();
  });
});

describe('long lives', () => {
  it('a year of idle keepalive at the default settings: alive, one probe per two hours', () => {
    const pair = new Pair({
      server: { keepalive: { idleS: 7200, intervalS: 75, probes: 9 } },
    }).connect();
    const year = 365 * 24 * 3600;
    pair.runFor(year * SECOND);
    expect(pair.serverOwner.failure).toBeNull();
    const probes = pair.fromServer(0, 'keepalive-probe').length;
    // 7200 s is late by at most 131 s (level 5 of the wheel).
    expect(probes).toBeLessThanOrEqual(year / 7200);
    expect(probes).toBeGreaterThanOrEqual(Math.floor(year / (7200 + 132)));
    expect(pair.info().probes).toBe(0);
  });

  it('passes the 32-bit wrap of jiffies like any other instant', () => {
    const deaths = [2 ** 32 - 4096, 2 ** 33].map((jiffiesAtZero) => {
      const pair = new Pair({
        config: { jiffiesAtZero },
        server: { keepalive: { idleS: 10, intervalS: 5, probes: 3 } },
      }).connect();
      pair.cut();
      pair.runFor(60 * SECOND);
      return pair.serverOwner.failure?.atUs;
    });
    // Both starts are multiples of every bucket in play, so the phases are equal.
    expect(deaths[0]).toBe(deaths[1]);
    expect(deaths[0]).toBeDefined();
  });
});

describe('keepalive switched on late', () => {
  it('counts the silence that has passed: a client dark for 7 s is probed at once (TCP_KEEPIDLE 5 s)', () => {
    // Recorded on Linux 6.18: set at 6.0 s of a connection dark since 0 s, given up at 12.05 s.
    const pair = new Pair({ rttUs: 50_000 }).connect();
    const zeroUs = pair.scheduler.nowUs;
    pair.cut();
    pair.runFor(6_000_000);
    pair.server.socket.setOptions({
      SO_KEEPALIVE: 1,
      TCP_KEEPIDLE: 5,
      TCP_KEEPINTVL: 2,
      TCP_KEEPCNT: 3,
    });
    pair.runFor(30_000_000);
    const diedS = ((pair.serverOwner.failure?.atUs ?? 0) - zeroUs) / 1e6;
    expect(diedS).toBeGreaterThan(12);
    expect(diedS).toBeLessThan(12.2);
  });
});
