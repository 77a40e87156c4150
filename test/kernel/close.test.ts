/** Closing: orphans, FIN_WAIT2 in its two regimes, TIME_WAIT, resets, and healing. */
import { describe, expect, it } from 'vitest';
import { TcpState } from '../../sim/kernel/types.ts';
import { Pair, type PairOptions } from './pair.ts';

const SECOND = 1_000_000;

/** Seconds from the server's close until its kernel has forgotten the socket; the client keeps its side open. */
function finWait2(options: PairOptions): number {
  const pair = new Pair(options).connect();
  pair.server.socket.close();
  const closedUs = pair.scheduler.nowUs;
  pair.runFor(400 * SECOND);
  return ((pair.serverOwner.releasedUs ?? Infinity) - closedUs) / SECOND;
}

describe('an orphan in FIN_WAIT2', () => {
  // tcp_fin_timeout, nominal total (2·(F − 60) above 60 s), recorded.
  it.each([
    [10, 10, 10.1],
    [20, 20, 21.3],
    [60, 60, 60.4],
    [65, 10, 10.16],
    [90, 60, 62.4],
  ])('tcp_fin_timeout %i s: about %i s', (seconds, nominal) => {
    const lived = finWait2({ config: { sysctls: { 'net.ipv4.tcp_fin_timeout': seconds } } });
    expect(lived).toBeGreaterThanOrEqual(nominal);
    // One or two timers, each late by its bucket: 256 ms below 16 s, 2.05 s above.
    expect(lived).toBeLessThan(nominal + (nominal < 16 ? 0.6 : 4.2));
  });

  it('TCP_LINGER2 5 s and 62 s', () => {
    expect(finWait2({ server: { TCP_LINGER2: 5 } })).toBeCloseTo(5.25, 0);
    expect(finWait2({ server: { TCP_LINGER2: 62 } })).toBeCloseTo(4.05, 0);
  });

  it('TCP_LINGER2 below zero: gone with a RST when the FIN is acknowledged', () => {
    const pair = new Pair({ server: { TCP_LINGER2: -1 } }).connect();
    pair.server.socket.close();
    pair.runFor(SECOND);
    expect(pair.serverOwner.releasedUs).not.toBeNull();
    expect(pair.clientOwner.failure?.errno).toBe('EPIPE');
  });

  it('owned, after shutdown, has no deadline', () => {
    const pair = new Pair().connect();
    pair.server.socket.shutdownWrite();
    pair.runFor(100_000 * SECOND);
    expect(pair.info().state).toBe(TcpState.FinWait2);
  });
});

describe('an orphan whose peer has vanished', () => {
  it('gives up 102.2 s after the first retransmission of its FIN, at the next expiry', () => {
    const pair = new Pair().connect();
    pair.cut();
    pair.server.socket.close();
    pair.runFor(300 * SECOND);
    const first = pair.fromServer(SECOND, 'rto')[0]?.atUs ?? 0;
    const lived = ((pair.serverOwner.releasedUs ?? 0) - first) / SECOND;
    expect(lived).toBeGreaterThanOrEqual(102.2);
    // tcp_orphan_retries 8: the window of tcp_retries2 = 8, 106.20 to 108.25 s from the close.
    const total = ((pair.serverOwner.releasedUs ?? 0) - SECOND) / SECOND;
    expect(total).toBeGreaterThan(106.1);
    expect(total).toBeLessThan(108.3);
    expect(pair.fromServer(SECOND).some((one) => one.flags.includes('R'))).toBe(false);
  });

  it('a user timeout takes the place of the retries', () => {
    const pair = new Pair({ server: { userTimeoutMs: 5000 } }).connect();
    pair.cut();
    pair.server.socket.close();
    pair.runFor(60 * SECOND);
    const first = pair.fromServer(SECOND, 'rto')[0]?.atUs ?? 0;
    const lived = ((pair.serverOwner.releasedUs ?? 0) - first) / SECOND;
    // Recorded: 5.07 s after the stamp.
    expect(lived).toBeGreaterThanOrEqual(5);
    expect(lived).toBeLessThan(5.3);
  });

  it('and whose path was reported broken gives up as soon as its timeout no longer grows', () => {
    // tcp_orphan_retries: a soft error leaves no retry once rto is rtoMax. Else with rtoMax 2 s and 15 retries: 27 s
    // (tcp_model_timeout: 15 · 0.2 + 12 · 2).
    const sysctls = { 'net.ipv4.tcp_orphan_retries': 15, 'net.ipv4.tcp_rto_max_ms': 2000 };
    const lives = [false, true].map((reported) => {
      const pair = new Pair({ config: { sysctls } }).connect();
      pair.cut();
      const closedUs = pair.scheduler.nowUs;
      pair.server.socket.close();
      pair.runFor(10 * SECOND);
      if (reported) pair.server.receiveIcmp('port-unreachable', 1);
      pair.runFor(60 * SECOND);
      return ((pair.serverOwner.releasedUs ?? Infinity) - closedUs) / SECOND;
    });
    expect(lives[0]).toBeGreaterThan(27);
    expect(lives[0]).toBeLessThan(30);
    // The next expiry is at most 2 s and a bucket of 256 ms away.
    expect(lives[1]).toBeGreaterThan(10);
    expect(lives[1]).toBeLessThan(12.3);
  });
});

describe('closing by the book', () => {
  it('both sides: the first closer keeps TIME_WAIT for 60 s and a bucket, the other goes at once', () => {
    const pair = new Pair().connect();
    pair.server.socket.close();
    pair.runFor(SECOND / 2);
    expect(pair.client.socket.state).toBe(TcpState.CloseWait);
    pair.client.socket.close();
    const closedUs = pair.scheduler.nowUs;
    pair.runFor(100 * SECOND);
    expect((pair.clientOwner.releasedUs ?? Infinity) - closedUs).toBeLessThan(2000);
    const lived = ((pair.serverOwner.releasedUs ?? 0) - closedUs) / SECOND;
    expect(lived).toBeGreaterThanOrEqual(60);
    expect(lived).toBeLessThan(62.06);
  });

  it('at the same time: both through CLOSING into TIME_WAIT', () => {
    const pair = new Pair({ rttUs: 50_000 }).connect();
    pair.server.socket.close();
    pair.client.socket.close();
    pair.runFor(30_000);
    expect(pair.server.socket.state).toBe(TcpState.Closing);
    pair.runFor(SECOND);
    expect(pair.server.socket.state).toBe(TcpState.TimeWait);
    expect(pair.client.socket.state).toBe(TcpState.TimeWait);
  });

  it('with unread data: RST at once', () => {
    const pair = new Pair().connect();
    pair.serverOwner.reading = false;
    pair.client.socket.write(10);
    pair.runFor(SECOND);
    pair.server.socket.close();
    expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
    pair.runFor(SECOND);
    expect(pair.clientOwner.failure?.errno).toBe('ECONNRESET');
  });

  it('data for an orphan is reset', () => {
    const pair = new Pair().connect();
    pair.server.socket.close();
    pair.runFor(SECOND);
    pair.client.socket.write(10);
    pair.runFor(SECOND);
    expect(pair.serverOwner.releasedUs).not.toBeNull();
    expect(pair.clientOwner.failure?.errno).toBe('EPIPE');
  });

  it('an application that does not close keeps CLOSE_WAIT for ever', () => {
    const pair = new Pair().connect();
    pair.server.socket.close();
    pair.runFor(100_000 * SECOND);
    expect(pair.client.socket.state).toBe(TcpState.CloseWait);
  });
});

describe('a host that lost power', () => {
  it('answers what it does not know with RST once it is up again', () => {
    const pair = new Pair().connect();
    pair.client.powerOff();
    pair.server.socket.write(10);
    pair.runFor(3 * SECOND);
    expect(pair.serverOwner.failure).toBeNull();
    pair.client.powerOn();
    pair.runFor(10 * SECOND);
    expect(pair.serverOwner.failure?.errno).toBe('ECONNRESET');
    expect(pair.clientOwner.releasedUs).toBeNull();
  });
});

describe('a cut that heals', () => {
  it.each([300_000, 3 * SECOND, 40 * SECOND])('after %i us everything arrives', (cutUs) => {
    const pair = new Pair({ rttUs: 50_000 }).connect();
    pair.cut();
    for (let i = 0; i < 20; i += 1) {
      pair.send(5000);
      pair.runFor(Math.floor(cutUs / 20));
    }
    pair.cut(false);
    pair.runFor(130 * SECOND);
    expect(pair.client.socket.bytesRead).toBe(100_000);
    const info = pair.info();
    expect([info.retransmits, info.backoff, info.probes, info.unacked]).toEqual([0, 0, 0, 0]);
    expect(info.rtoUs).toBeLessThan(300_000);
  });
});

describe('ICMP', () => {
  it('ends a connect at once', () => {
    const pair = new Pair();
    pair.cut();
    pair.client.socket.connect();
    pair.runFor(1000);
    pair.client.receiveIcmp('port-unreachable', 0);
    expect(pair.clientOwner.failure?.errno).toBe('ECONNREFUSED');
  });

  it('a router that answers every packet makes the schedule linear; the time model still ends it', () => {
    const pair = new Pair({ config: { sysctls: { 'net.ipv4.tcp_retries2': 5 } } }).connect();
    pair.cut();
    pair.server.socket.write(100);
    while (pair.serverOwner.failure === null && pair.scheduler.nowUs < 60 * SECOND) {
      const before = pair.fromServer(SECOND).length;
      pair.runFor(4000);
      if (pair.fromServer(SECOND).length > before) pair.server.receiveIcmp('host-unreachable', 1);
    }
    // Recorded: every 204 ms, 62 retransmissions, dead at 13.10 s with EHOSTUNREACH.
    const retransmissions = pair.fromServer(SECOND, 'rto').length;
    expect(retransmissions).toBeGreaterThan(55);
    expect(retransmissions).toBeLessThan(66);
    const died = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
    expect(died).toBeGreaterThan(12.9);
    expect(died).toBeLessThan(13.4);
    expect(pair.serverOwner.failure?.errno).toBe('EHOSTUNREACH');
  });
});

describe('thin-linear timeouts', () => {
  it('six without doubling, then 440, 832, 1664 ms (HZ 250, round trip a few ms)', () => {
    const pair = new Pair({ rttUs: 3000, server: { TCP_THIN_LINEAR_TIMEOUTS: 1 } }).connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(10 * SECOND);
    const times = [SECOND, ...pair.fromServer(SECOND + 1).map((one) => one.atUs)];
    const gaps = times.slice(1).map((at, i) => (at - (times[i] as number)) / 1000);
    // Recorded gaps: 208 (probe), 208, six times 208, then 440, 832, 1664, 3328 ms.
    const nominal = [208, 208, 208, 208, 208, 208, 208, 208, 440, 832, 1664, 3328];
    for (const [i, expected] of nominal.entries()) {
      expect(Math.abs((gaps[i] ?? 0) - expected)).toBeLessThanOrEqual(i < 8 ? 4 : 40);
    }
  });
});
