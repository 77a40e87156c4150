/**
 * Packets that the own host does not let out: no route, a rule of netfilter's OUTPUT chain, a full
 * queue. Cut wires in other tests are the far side: nothing of this applies to them.
 */
import { describe, expect, it } from 'vitest';
import type { LocalDrop } from '../../sim/kernel/types.ts';
import { Pair, type PairOptions } from './pair.ts';
import { windowOver } from './reference.ts';

const SECOND = 1_000_000;

interface Fate {
  readonly diedS: number;
  readonly errno: string | undefined;
  readonly probes: number;
  readonly backoff: number;
}

/** A server that writes once nothing leaves its host any more. */
function writeIntoDrop(by: LocalDrop, jiffiesAtZero: number, options: PairOptions): Fate {
  const config = { ...options.config, jiffiesAtZero };
  const pair = new Pair({ ...options, config }).connect();
  pair.server.setLocalDrop(by);
  pair.server.socket.write(24);
  let { probes, backoff } = pair.info();
  while (pair.serverOwner.failure === null && pair.scheduler.nowUs < 120 * SECOND) {
    ({ probes, backoff } = pair.info());
    pair.runFor(4000);
  }
  const { atUs = Infinity, errno } = pair.serverOwner.failure ?? {};
  return { diedS: (atUs - SECOND) / SECOND, errno, probes, backoff };
}

const retries2 = (count: number) => ({ config: { sysctls: { 'net.ipv4.tcp_retries2': count } } });

describe('new data, nothing in flight', () => {
  it('user-timeout-probe.pkt: 3 s, alive at 3.250 s and dead by 3.350 s, 6 probes, no back-off', () => {
    for (const hz of [250, 1000] as const) {
      const window = windowOver(200, (phase) => {
        const fate = writeIntoDrop('qdisc', phase, {
          rttUs: 100_000,
          config: { hz },
          server: { userTimeoutMs: 3000 },
        });
        expect(fate).toMatchObject({ errno: 'ETIMEDOUT', probes: 6, backoff: 0 });
        return fate.diedS;
      });
      expect(window.min).toBeGreaterThan(3.25);
      expect(window.max).toBeLessThan(3.35);
    }
  });

  // Recorded with one write on a LAN at HZ 250: seconds from the write.
  it.each([
    ['qdisc', { server: { userTimeoutMs: 3000 } }, 3.231],
    ['netfilter', { server: { userTimeoutMs: 3000 } }, 3.215],
    ['netfilter', retries2(5), 13.31],
  ] as const)('%s, %j: %f s', (by, options, recordedS) => {
    const window = windowOver(400, (phase) => writeIntoDrop(by, phase, options).diedS);
    // The recording's phase is unknown; its clock was read by polling, some ms late.
    expect(window.min).toBeLessThanOrEqual(recordedS);
    expect(window.max).toBeGreaterThanOrEqual(recordedS - 0.01);
    // The probes' timers: 0.2 + 3 s, or 0.2·(2^6 − 1) s; the last is late by up to 256 ms.
    expect(window.min).toBeGreaterThan(recordedS > 10 ? 12.85 : 3.2);
    expect(window.max).toBeLessThan(recordedS > 10 ? 13.5 : 3.3);
  });

  it('a full queue is tried every 500 ms: tcp_retries2 probes, whatever time the model allows', () => {
    const { diedS, probes, backoff } = writeIntoDrop('qdisc', 2 ** 32, retries2(8));
    // 0.204 s to the first probe, then 8 timers of 500 ms, each late by up to 32 ms.
    expect(diedS).toBeGreaterThanOrEqual(0.204 + 8 * 0.5);
    expect(diedS).toBeLessThan(0.208 + 8 * 0.532);
    expect([probes, backoff]).toEqual([8, 0]);
  });

  it('a link that is down: 5 probes of tcp_retries2 and ETIMEDOUT, 13.16 s recorded', () => {
    const window = windowOver(400, (jiffiesAtZero) => {
      const { config } = retries2(5);
      const pair = new Pair({ config: { ...config, jiffiesAtZero } }).connect();
      pair.server.setLinkUp(false);
      pair.server.socket.write(100);
      pair.runFor(60 * SECOND);
      expect(pair.info().probes).toBe(5);
      expect(pair.serverOwner.failure?.errno).toBe('ETIMEDOUT');
      return ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
    });
    expect(window.min).toBeLessThanOrEqual(13.16);
    expect(window.max).toBeGreaterThanOrEqual(13.16);
  });

  it('leaves once the queue has room again', () => {
    const pair = new Pair().connect();
    pair.server.setLocalDrop('qdisc');
    pair.server.socket.write(100);
    pair.runFor(2 * SECOND);
    expect(pair.info()).toMatchObject({ unacked: 0, notsentBytes: 100, probes: 4 });
    pair.server.setLocalDrop(null);
    pair.runFor(SECOND);
    expect(pair.client.socket.bytesRead).toBe(100);
    expect(pair.info()).toMatchObject({ unacked: 0, notsentBytes: 0, probes: 0, backoff: 0 });
  });
});

describe('data already in flight', () => {
  /** Counts of the server's timeouts, read at each change, while everything it sends is dropped by `by`. */
  function timeouts(by: LocalDrop): { atS: number[]; rtoUs: number; backoff: number } {
    const pair = new Pair({ config: { sysctls: { 'net.ipv4.tcp_early_retrans': 0 } } }).connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.server.setLocalDrop(by);
    const atS: number[] = [];
    let known = 0;
    while (pair.scheduler.nowUs < 5 * SECOND) {
      pair.runFor(4000);
      const { retransmits } = pair.info();
      if (retransmits > known) atS.push((pair.scheduler.nowUs - SECOND) / SECOND);
      known = retransmits;
    }
    const { rtoUs, backoff } = pair.info();
    return { atS, rtoUs, backoff };
  }

  it('a full queue: counted, every 500 ms, the timeout does not grow', () => {
    const { atS, rtoUs, backoff } = timeouts('qdisc');
    // 4 s hold the first at 0.2 s and seven more.
    expect(atS).toHaveLength(8);
    for (const [i, at] of atS.entries()) {
      expect(at).toBeGreaterThanOrEqual(0.204 + i * 0.5);
      // 500 ms is 125 jiffies: late by up to 8 of them, and read up to one later.
      expect(at).toBeLessThan(0.212 + i * 0.532);
    }
    expect([rtoUs, backoff]).toEqual([204_000, 0]);
  });

  it('netfilter: as if it had been sent', () => {
    const { atS, backoff } = timeouts('netfilter');
    // 0.2·(2^n − 1): 0.2, 0.6, 1.4, 3.0.
    expect(atS).toHaveLength(4);
    expect(backoff).toBe(4);
  });

  it('a full queue heeds a user timeout only at its next try', () => {
    const pair = new Pair({ server: { userTimeoutMs: 600 } }).connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(1000);
    pair.server.setLocalDrop('qdisc');
    pair.runFor(10 * SECOND);
    const diedS = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
    // The probe fails at 0.208 s, the timeout a tick later; nothing has refreshed the stamp of the original
    // send. 500 ms on, late by up to 32 ms, more than 600 ms are over; a clamped timer would end at 0.604 s.
    expect(diedS).toBeGreaterThanOrEqual(0.212 + 0.5);
    expect(diedS).toBeLessThan(0.212 + 0.54);
  });

  it('a link that goes down then: the route error, 13.30 s recorded', () => {
    const pair = new Pair(retries2(5)).connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(1000);
    pair.server.setLinkUp(false);
    pair.runFor(60 * SECOND);
    const died = ((pair.serverOwner.failure?.atUs ?? 0) - SECOND) / SECOND;
    expect(died).toBeGreaterThan(13.0);
    expect(died).toBeLessThan(13.6);
    expect(pair.serverOwner.failure?.errno).toBe('ENETUNREACH');
  });
});

describe('keepalive probes', () => {
  it.each([
    // A full queue is not the peer's fault: tried every 500 ms for ever. A rule of netfilter counts.
    ['qdisc', null],
    ['netfilter', 'ETIMEDOUT'],
  ] as const)('dropped by %s: %s', (by, errno) => {
    const pair = new Pair({ server: { keepalive: { idleS: 1, intervalS: 1, probes: 3 } } });
    pair.connect();
    pair.server.setLocalDrop(by);
    pair.runFor(60 * SECOND);
    expect(pair.serverOwner.failure?.errno ?? null).toBe(errno);
    if (by === 'netfilter') return;
    expect(pair.info().probes).toBe(0);
    pair.server.setLocalDrop(null);
    const nowUs = pair.scheduler.nowUs;
    pair.runFor(0.54 * SECOND);
    expect(pair.fromServer(nowUs, 'keepalive-probe')).toHaveLength(1);
  });
});

describe('the handshake', () => {
  it('a SYN that netfilter drops is retransmitted as if it were lost', () => {
    const pair = new Pair({ client: { TCP_SYNCNT: 1 } });
    pair.client.setLocalDrop('netfilter');
    pair.client.socket.connect();
    pair.runFor(60 * SECOND);
    // TCP_SYNCNT 1: 3 s.
    const diedS = (pair.clientOwner.failure?.atUs ?? 0) / SECOND;
    expect(diedS).toBeGreaterThanOrEqual(3);
    expect(diedS).toBeLessThan(3.1);
    expect(pair.clientOwner.failure?.errno).toBe('ETIMEDOUT');
  });

  it('without a route there is no SYN and no wait', () => {
    const pair = new Pair();
    pair.client.setLinkUp(false);
    pair.client.socket.connect();
    expect(pair.clientOwner.failure).toEqual({ errno: 'ENETUNREACH', atUs: 0 });
  });

  it('a request whose SYN-ACK is not let out is forgotten at its first timeout', () => {
    const pair = new Pair();
    pair.server.socket.listen();
    pair.server.setLocalDrop('netfilter');
    pair.client.socket.connect();
    pair.runFor(0.9 * SECOND);
    expect(pair.info().state).toBe(3);
    pair.path.toServer.cut = true;
    pair.runFor(0.2 * SECOND);
    expect(pair.info().state).toBe(10);
  });
});
