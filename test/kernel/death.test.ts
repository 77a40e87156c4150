/** Instants at which a connection to a vanished peer ends. Expectations: recorded jiffies and arithmetic. */
import { describe, expect, it } from 'vitest';
import { timeoutModelMs } from '../../model/linux/timeout-model.ts';
import { Pair, type PairOptions } from './pair.ts';

const SECOND = 1_000_000;

/** A pair whose server writes 100 bytes into a cut wire at jiffy `start`. */
function blackHole(start: number, options: PairOptions = {}): Pair {
  // The handshake is given one second, 250 ticks.
  const hz = options.config?.hz ?? 250;
  const pair = new Pair({
    ...options,
    config: { ...options.config, jiffiesAtZero: start - hz },
  }).connect();
  pair.cut();
  pair.server.socket.write(100);
  pair.runFor(1200 * SECOND);
  return pair;
}

/** Jiffies after `start` of the server's retransmissions and of its death. */
function expiries(pair: Pair, start: number): number[] {
  const jiffies = pair
    .fromServer(SECOND)
    .filter((one) => one.why === 'tlp' || one.why === 'rto')
    .map((one) => one.jiffy - start);
  const end = pair.serverOwner.failure;
  if (end !== null) jiffies.push(pair.jiffy(end.atUs) - start);
  return jiffies;
}

describe('recorded black holes, by the jiffy (HZ 250, RTO 51 jiffies)', () => {
  it('with selective acknowledgement: a tail loss probe, then doubling', () => {
    const start = 4_295_256_371;
    expect(expiries(blackHole(start), start)).toEqual([
      52, 104, 213, 421, 837, 1677, 3341, 6669, 13517, 26829, 53453, 83661, 113869, 144077, 174285,
      204493, 234701,
    ]);
  });

  it('without: no probe', () => {
    const start = 4_295_256_353;
    const config = { sysctls: { 'net.ipv4.tcp_sack': 0 } };
    expect(expiries(blackHole(start, { config }), start)).toEqual([
      52, 159, 367, 783, 1631, 3295, 6623, 13535, 26847, 53471, 83679, 113887, 144095, 174303,
      204511, 234719,
    ]);
  });
});

describe('SYNs into a black hole, by the jiffy', () => {
  function syns(start: number, sysctls: Record<string, number>): number[] {
    const pair = new Pair({ config: { jiffiesAtZero: start, sysctls } });
    pair.cut();
    pair.client.socket.connect();
    pair.runFor(200 * SECOND);
    const jiffies = pair.sent.slice(1).map((one) => one.jiffy - start);
    jiffies.push(pair.jiffy(pair.clientOwner.failure?.atUs ?? 0) - start);
    expect(pair.clientOwner.failure?.errno).toBe('ETIMEDOUT');
    return jiffies;
  }

  it('doubling at once (tcp_syn_linear_timeouts 0)', () => {
    expect(syns(4_295_375_491, { 'net.ipv4.tcp_syn_linear_timeouts': 0 })).toEqual([
      253, 757, 1789, 3837, 7869, 16253, 32637,
    ]);
  });

  it('four linear timeouts first', () => {
    expect(syns(4_295_375_116, {})).toEqual([
      252, 508, 764, 1020, 1276, 1780, 2804, 4852, 8884, 17140, 33524,
    ]);
  });

  it('TCP_USER_TIMEOUT 5 s counts from the first SYN', () => {
    const pair = new Pair({ client: { userTimeoutMs: 5000 } });
    pair.cut();
    pair.client.socket.connect();
    pair.runFor(20 * SECOND);
    const at = (pair.clientOwner.failure?.atUs ?? 0) / SECOND;
    expect(at).toBeGreaterThanOrEqual(5);
    expect(at).toBeLessThan(5.3);
    expect(pair.sent).toHaveLength(5);
  });
});

describe('SYN-ACKs nobody answers', () => {
  it('at 0, 1, 3, 7, 15, 31 s, forgotten after 63 s without an error', () => {
    const pair = new Pair();
    pair.server.socket.listen();
    pair.path.toClient.cut = true;
    pair.client.socket.setOptions({ TCP_SYNCNT: 1 });
    pair.client.socket.connect();
    pair.runFor(1000);
    pair.path.toServer.cut = true;
    pair.runFor(62 * SECOND);
    const times = pair.fromServer(0, 'syn-ack').map((one) => one.atUs / SECOND);
    expect(times).toHaveLength(6);
    for (const [i, nominal] of [0, 1, 3, 7, 15, 31].entries()) {
      // 2.05 s is one bucket at 16 s and above.
      expect((times[i] ?? -1) - nominal).toBeGreaterThanOrEqual(0);
      expect((times[i] ?? -1) - nominal).toBeLessThan(0.8);
    }
    expect(pair.info().state).toBe(3);
    pair.runFor(4 * SECOND);
    expect(pair.info().state).toBe(10);
    expect(pair.serverOwner.failure).toBeNull();
  });

  it('a SYN that comes again is answered, and puts the timer off: tcp_check_req', () => {
    const pair = new Pair();
    pair.cut();
    pair.server.socket.listen();
    pair.inject({ syn: true, ack: false, seq: 0 });
    pair.runFor(SECOND / 2);
    pair.inject({ syn: true, ack: false, seq: 0 });
    pair.runFor(2 * SECOND);
    // 125 jiffies and TCP_TIMEOUT_INIT = 250 more are 375; their bucket, 8 wide, ends at 376: 1.504 s.
    expect(pair.fromServer(0, 'syn-ack').map((one) => one.atUs)).toEqual([0, 500_000, 1_504_000]);
  });
});

describe('windows over all phases (0.5 ms round trip, seconds from the write)', () => {
  const tlp = {};
  const plain = { 'net.ipv4.tcp_sack': 0 };
  // Monte-Carlo windows of the wheel rule, computed apart from this code.
  it.each([
    ['retries2 15', 250, tlp, 15, 0, 937.69, 939.74],
    ['retries2 15, no SACK', 250, plain, 15, 0, 937.48, 939.53],
    ['retries2 15', 1000, tlp, 15, 0, 947.94, 952.02],
    ['retries2 15, no SACK', 1000, plain, 15, 0, 947.72, 951.82],
    ['retries2 8', 250, tlp, 8, 0, 106.2, 108.25],
    ['retries2 8, no SACK', 250, plain, 8, 0, 106.0, 108.04],
    ['retries2 8', 1000, tlp, 8, 0, 104.15, 108.25],
    ['retries2 8, no SACK', 1000, plain, 8, 0, 103.95, 108.04],
    ['retries2 5', 250, tlp, 5, 0, 13.28, 13.53],
    ['retries2 5, no SACK', 250, plain, 5, 0, 13.07, 13.32],
    ['retries2 5', 1000, tlp, 5, 0, 13.02, 13.53],
    ['retries2 5, no SACK', 1000, plain, 5, 0, 12.81, 13.32],
    ['user timeout 20 s', 250, tlp, 15, 20_000, 20.42, 20.67],
    ['user timeout 20 s, no SACK', 250, plain, 15, 20_000, 20.21, 20.46],
    ['user timeout 20 s', 1000, tlp, 15, 20_000, 20.42, 20.93],
    ['user timeout 20 s, no SACK', 1000, plain, 15, 20_000, 20.21, 20.72],
    ['user timeout 5 s', 250, tlp, 15, 5000, 5.42, 5.67],
    ['user timeout 5 s, no SACK', 250, plain, 15, 5000, 5.21, 5.46],
    ['user timeout 5 s', 1000, tlp, 15, 5000, 5.42, 5.48],
    ['user timeout 5 s, no SACK', 1000, plain, 15, 5000, 5.21, 5.27],
  ] as const)('%s at HZ %i', (_name, hz, sysctls, retries2, userTimeoutMs, from, to) => {
    let least = Infinity;
    let most = 0;
    // Steps coprime to the bucket widths, with a changing fraction of a tick.
    for (let i = 0; i < 600; i += 1) {
      const pair = blackHole(2 ** 32 + i * 7.13, {
        config: { hz, sysctls: { ...sysctls, 'net.ipv4.tcp_retries2': retries2 } },
        server: { userTimeoutMs },
      });
      const at = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
      least = Math.min(least, at);
      most = Math.max(most, at);
    }
    // The published windows are rounded to 10 ms and were sampled; a tick is up to 4 ms.
    expect(least).toBeGreaterThanOrEqual(from - 0.02);
    expect(most).toBeLessThanOrEqual(to + 0.02);
    const width = to - from;
    expect(least).toBeLessThan(from + 0.1 * width + 0.02);
    expect(most).toBeGreaterThan(to - 0.1 * width - 0.02);
  });
});

describe('the time model of tcp_retries2', () => {
  it.each([
    [0, 0.2],
    [1, 0.6],
    [2, 1.4],
    [3, 3.0],
    [4, 6.2],
    [5, 12.6],
    [6, 25.4],
    [7, 51.0],
    [8, 102.2],
    [9, 204.6],
    [10, 324.6],
    [12, 564.6],
    [15, 924.6],
  ])('%i retries: %f s', (retries, seconds) => {
    expect(timeoutModelMs(retries, 120_000)).toBe(Math.round(seconds * 1000));
  });

  it('a smaller largest timeout makes it shorter: 2 s and 8 retries, 13.0 s', () => {
    expect(timeoutModelMs(8, 2000)).toBe(13_000);
  });
});

describe('a user timeout and its limits', () => {
  it('below the timeout it cannot kill before the first retransmission: 100 ms takes about 520', () => {
    const pair = blackHole(2 ** 32 + 17, { server: { userTimeoutMs: 100 } });
    const ms = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / 1000;
    // 208 (probe) + 208 (timeout) + 100, and a tick or two.
    expect(ms).toBeGreaterThanOrEqual(508);
    expect(ms).toBeLessThan(530);
  });

  it('set while a timer runs it changes nothing until that fires', () => {
    const pair = new Pair().connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(7.5 * SECOND);
    const before = pair.fromServer(SECOND, 'rto').length;
    pair.server.socket.setOptions({ TCP_USER_TIMEOUT: 1000 });
    pair.runFor(20 * SECOND);
    expect(pair.fromServer(SECOND, 'rto')).toHaveLength(before);
    const seconds = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
    // The expiry that was pending: 0.2 (2^7 - 2) and the wheel; recorded 13.46 s.
    expect(seconds).toBeGreaterThan(13.2);
    expect(seconds).toBeLessThan(13.6);
  });
});

describe('small segments', () => {
  it('are retransmitted together up to a full segment (tcp_retrans_try_collapse)', () => {
    const pair = new Pair({ rttUs: 100_000 }).connect();
    pair.cut();
    for (let i = 0; i < 9; i += 1) {
      pair.server.socket.write(200);
      pair.runFor(20_000);
    }
    pair.runFor(3 * SECOND);
    // Seven of 200 bytes fit 1448; recorded: 1400 bytes with seven writes in flight.
    expect(pair.fromServer(SECOND, 'rto')[0]).toMatchObject({ seq: 1, length: 1400 });
    expect(pair.info().unacked).toBe(9 - 6);
  });

  it('a writer that goes on puts the first timeout off until its window is full', () => {
    const pair = new Pair({ rttUs: 125_000 }).connect();
    pair.cut();
    const startUs = pair.scheduler.nowUs;
    for (let i = 0; i < 20; i += 1) {
      pair.server.socket.write(200);
      pair.runFor(100_000);
    }
    // Recorded: 1.157 s, by far later than the timeout of 0.33 s. Ten writes fill the congestion window at
    // 0.9 s; from there two round trips and 2 ms, late by one bucket of 32 ms, and two ticks.
    const first = ((pair.fromServer(startUs, 'rto')[0]?.atUs ?? 0) - startUs) / SECOND;
    expect(first).toBeGreaterThan(1.15);
    expect(first).toBeLessThan(1.25);
  });
});
