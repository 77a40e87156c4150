/**
 * Instants by the jiffy, over every phase of the buckets that decide them: each is computed here anew from
 * the delays that the rule asks for and the wheel, and must be met exactly. A clock that is one jiffy
 * off shows at most phases. HZ 250, round trip 0.5 ms: the timeout is 51 jiffies.
 */
import { describe, expect, it } from 'vitest';
import { TcpState } from '../../sim/kernel/types.ts';
import { Pair, recordOf, type PairOptions } from './pair.ts';
import { fires } from './reference.ts';

const SECOND = 1_000_000;
const HZ = 250;
const RTO = 51;

/** Every jiffy of a bucket of 512, the widest in play here, each with another fraction of a tick. */
const PHASES = Array.from({ length: 512 }, (_, i) => 2 ** 32 + i + (i % 4) / 4);

function pairAt(jiffiesAtZero: number, options: PairOptions): Pair {
  return new Pair({ ...options, config: { ...options.config, jiffiesAtZero } });
}

function deathJiffy(pair: Pair): number {
  return pair.jiffy(pair.serverOwner.failure?.atUs ?? 0);
}

describe('a user timeout with data in flight', () => {
  // 424 to 440 ms: around the second timeout, 102 jiffies and a bucket of 8 after the stamp.
  it.each([300, 424, 432, 440, 1000, 5000, 20_000])('of %i ms', (userTimeoutMs) => {
    const limit = Math.ceil((userTimeoutMs * HZ) / 1000);
    for (const phase of PHASES) {
      const pair = pairAt(phase, { server: { userTimeoutMs } }).connect();
      pair.cut();
      pair.server.socket.write(100);
      const probe = fires(pair.jiffy(pair.scheduler.nowUs), RTO, false);
      const stamp = fires(probe, RTO);
      let at = stamp;
      for (let rto = 2 * RTO; at - stamp < limit; rto *= 2) {
        at = fires(at, Math.min(rto, limit - (at - stamp)));
      }
      pair.runFor(60 * SECOND);
      expect(deathJiffy(pair)).toBe(at);
    }
  });
});

describe('a user timeout behind a closed window', () => {
  // The peer answers within the jiffy or not at all: an answer re-arms to the same expiry.
  it.each([
    [300, true],
    [300, false],
    // Around the second probe: 106 jiffies and a bucket of 8 after the first.
    [432, false],
    [440, false],
    [448, false],
    [5000, true],
    [5000, false],
    [20_000, true],
    [20_000, false],
  ])('of %i ms, answered: %s', (userTimeoutMs, answered) => {
    const limit = (userTimeoutMs * HZ) / 1000;
    for (const phase of PHASES) {
      const pair = pairAt(Math.floor(phase), { server: { userTimeoutMs } }).connect();
      pair.clientOwner.reading = false;
      pair.send(400_000);
      pair.runFor(0.2 * SECOND);
      if (!answered) pair.cut();
      pair.runFor(60 * SECOND);
      const stamp = pair.fromServer(SECOND, 'window-probe')[0]?.jiffy ?? 0;
      // The bulk before has left a timeout of a jiffy or two more.
      const base = pair.info().rtoUs / 4000;
      let at = stamp;
      for (let backoff = 1; at - stamp < limit; backoff += 1) {
        at = fires(at, Math.min(base * 2 ** backoff, Math.max(limit - (at - stamp), 2)));
      }
      expect(deathJiffy(pair)).toBe(at);
    }
  });
});

describe('a user timeout with data in flight towards a closed window', () => {
  it.each([424, 432, 440, 5000])('of %i ms: strictly more must have passed', (userTimeoutMs) => {
    const limit = userTimeoutMs / 4;
    for (const phase of PHASES) {
      const pair = pairAt(phase, {
        server: { userTimeoutMs },
        config: { sysctls: { 'net.ipv4.tcp_early_retrans': 0 } },
      }).connect();
      pair.cut();
      pair.server.socket.write(100);
      recordOf(pair.server).sndWnd = 0;
      const stamp = fires(pair.jiffy(pair.scheduler.nowUs), RTO, false);
      let at = stamp;
      // tcp_rtx_probe0_timed_out: strictly more than the user timeout.
      for (let rto = 2 * RTO; at - stamp <= limit; rto *= 2) {
        const left = limit - (at - stamp);
        at = fires(at, left > 0 ? Math.min(rto, left) : 1);
      }
      pair.runFor(60 * SECOND);
      expect(deathJiffy(pair)).toBe(at);
    }
  });
});

describe('keepalive', () => {
  it.each([
    [10, 5, 3, 0],
    [10, 5, 3, 8000],
    // Around the second check, 5 s and a bucket of 64 jiffies after the first.
    [10, 5, 3, 15_080],
    [10, 5, 3, 15_200],
    [10, 5, 3, 15_320],
    [10, 5, 3, 18_000],
    [10, 5, 3, 20_000],
    [10, 5, 3, 30_000],
    [3, 2, 4, 0],
    [1, 1, 3, 0],
  ])('%i/%i/%i, user timeout %i ms', (idleS, intervalS, count, userTimeoutMs) => {
    for (const phase of PHASES) {
      const keepalive = { idleS, intervalS, probes: count };
      const pair = pairAt(phase, { server: { keepalive, userTimeoutMs } }).connect();
      pair.cut();
      pair.runFor(60 * SECOND);
      const heard = pair.jiffy(pair.serverOwner.establishedUs ?? 0);
      const probes: number[] = [];
      let at = fires(heard, idleS * HZ, false);
      const dead = (): boolean =>
        userTimeoutMs > 0
          ? at - heard >= (userTimeoutMs * HZ) / 1000 && probes.length > 0
          : probes.length >= count;
      while (!dead()) {
        probes.push(at);
        at = fires(at, intervalS * HZ);
      }
      expect(pair.fromServer(0, 'keepalive-probe').map((one) => one.jiffy)).toEqual(probes);
      expect(deathJiffy(pair)).toBe(at);
    }
  });
});

describe('a user timeout of an unanswered connect', () => {
  it.each([100, 5000, 20_000])('of %i ms counts from the first SYN', (userTimeoutMs) => {
    for (const phase of PHASES) {
      const pair = pairAt(phase, { client: { userTimeoutMs } });
      pair.cut();
      pair.client.socket.connect();
      pair.runFor(60 * SECOND);
      // The stamp is the millisecond clock's, whose zero lies on a tick.
      const stampMs = Math.floor(phase * 4);
      let at = fires(Math.floor(phase), HZ, false);
      let rto = HZ;
      for (let count = 1; count === 1 || at * 4 - stampMs < userTimeoutMs; count += 1) {
        // tcp_syn_linear_timeouts 4: the fifth timeout is the first to double.
        if (count > 4) rto *= 2;
        const leftMs = userTimeoutMs - (at * 4 - stampMs);
        at = fires(at, leftMs > 0 ? Math.min(rto, Math.ceil(leftMs / 4)) : 1);
      }
      expect(pair.jiffy(pair.clientOwner.failure?.atUs ?? 0)).toBe(at);
    }
  });
});

describe('what is left after close', () => {
  it('FIN_WAIT1 of a vanished peer: the model of 8 retries, 102.2 s', () => {
    for (const phase of PHASES) {
      const pair = pairAt(phase, {}).connect();
      pair.cut();
      pair.server.socket.close();
      const probe = fires(pair.jiffy(pair.scheduler.nowUs), RTO, false);
      const stamp = fires(probe, RTO);
      let at = stamp;
      for (let rto = 2 * RTO; (at - stamp) * 4 < 102_200; rto *= 2) at = fires(at, rto);
      pair.runFor(300 * SECOND);
      expect(pair.jiffy(pair.serverOwner.releasedUs ?? 0)).toBe(at);
    }
  });

  it.each([5, 20, 60, 61, 65, 90, 120])('FIN_WAIT2 of an orphan, %i s', (finTimeoutS) => {
    for (const phase of PHASES) {
      const sysctls = { 'net.ipv4.tcp_fin_timeout': finTimeoutS };
      const pair = pairAt(Math.floor(phase), { config: { sysctls } }).connect();
      pair.server.socket.close();
      pair.runFor(400 * SECOND);
      // The clock starts with the ACK of the FIN, which the peer's kernel delays; a quarter round trip on the way.
      const answer = pair.sent.findLast((one) => !one.fromServer);
      const closed = pair.jiffy((answer?.atUs ?? 0) + 250);
      const beyond = (finTimeoutS - 60) * HZ;
      // tcp_fin_timeout above 60 s: the part beyond it twice. At least 3.5 timeouts the second time.
      const gone =
        beyond <= 0
          ? fires(closed, finTimeoutS * HZ, false)
          : fires(fires(closed, beyond, false), beyond);
      expect(pair.jiffy(pair.serverOwner.releasedUs ?? 0)).toBe(gone);
    }
  });

  it('TIME_WAIT: 60 s from the last FIN', () => {
    for (const phase of PHASES) {
      const pair = pairAt(Math.floor(phase), {}).connect();
      pair.server.socket.close();
      pair.runFor(2000);
      pair.client.socket.close();
      pair.runFor(1000);
      expect(pair.server.socket.state).toBe(TcpState.TimeWait);
      const entered = pair.jiffy(pair.scheduler.nowUs);
      pair.runFor(100 * SECOND);
      expect(pair.jiffy(pair.serverOwner.releasedUs ?? 0)).toBe(fires(entered, 60 * HZ, false));
    }
  });
});
