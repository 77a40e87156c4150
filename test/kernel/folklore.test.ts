/**
 * What is said of TCP timeouts, and what the kernel does instead. Each title is a claim as it is met in
 * articles, answers and manual pages; the test shows the number that is right.
 */
import { describe, expect, it } from 'vitest';
import { timeoutModelMs } from '../../model/linux/timeout-model.ts';
import { TcpState } from '../../sim/kernel/types.ts';
import { Pair, recordOf, type PairOptions, type PairSocket } from './pair.ts';
import { windowOver, type Window } from './reference.ts';

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const keepalive = { idleS: 10, intervalS: 5, probes: 3 };

/** Seconds from the last thing heard until an idle server's socket dies, its peer having vanished. */
function idleDeath(server: PairSocket, phasesTried = 200): Window {
  return windowOver(phasesTried, (jiffiesAtZero) => {
    const pair = new Pair({ config: { jiffiesAtZero }, server }).connect();
    pair.cut();
    pair.runFor(HOUR);
    const heardUs = pair.serverOwner.establishedUs ?? 0;
    return ((pair.serverOwner.failure?.atUs ?? Infinity) - heardUs) / SECOND;
  });
}

/** Seconds from a write into a cut wire until the server's socket dies. */
function busyDeath(options: PairOptions, phasesTried = 200): Window {
  return windowOver(phasesTried, (jiffiesAtZero) => {
    const config = { ...options.config, jiffiesAtZero };
    const pair = new Pair({ ...options, config }).connect();
    pair.cut();
    const writtenUs = pair.scheduler.nowUs;
    pair.server.socket.write(100);
    pair.runFor(HOUR);
    return ((pair.serverOwner.failure?.atUs ?? Infinity) - writtenUs) / SECOND;
  });
}

/** Seconds from a close until the kernel forgets the orphan; the peer acknowledges, or has vanished. */
function orphanLife(sysctls: Record<string, number>, vanished: boolean): Window {
  return windowOver(200, (jiffiesAtZero) => {
    const pair = new Pair({ config: { jiffiesAtZero, sysctls } }).connect();
    if (vanished) pair.cut();
    const closedUs = pair.scheduler.nowUs;
    pair.server.socket.close();
    pair.runFor(HOUR);
    return ((pair.serverOwner.releasedUs ?? Infinity) - closedUs) / SECOND;
  });
}

/** A server whose peer reads nothing; its window has been shut for two seconds. */
function frozen(server: PairSocket): Pair {
  const pair = new Pair({ server }).connect();
  pair.clientOwner.reading = false;
  pair.send(400_000);
  pair.runFor(2 * SECOND);
  return pair;
}

describe('TCP_USER_TIMEOUT', () => {
  it('"keepalive 10/5/3 with 20 s dies at 25 s": at 20 s, the count of probes is ignored', () => {
    const { min, max } = idleDeath({ keepalive, userTimeoutMs: 20_000 });
    expect(min).toBeGreaterThanOrEqual(20);
    // Three timers, each late by a bucket of 256 ms; 20.33 s measured.
    expect(max).toBeLessThan(20.77);
  });

  it('"kills exactly so long after the last received packet": not when busy, not when idle, not when shut', () => {
    const busy = busyDeath({ server: { userTimeoutMs: 20_000 } });
    // From the first retransmission, which comes after a probe and a timeout of 0.2 s each.
    expect(busy.min).toBeGreaterThan(20.4);
    expect(busy.max).toBeLessThan(20.7);
    expect(idleDeath({ userTimeoutMs: 20_000 }, 1).min).toBe(Infinity);
    // Below the idle time: at least one probe must have gone out.
    expect(idleDeath({ keepalive, userTimeoutMs: 8000 }).min).toBeGreaterThanOrEqual(15);
    const pair = frozen({ userTimeoutMs: 5000 });
    const firstProbeUs = pair.fromServer(SECOND, 'window-probe')[0]?.atUs ?? 0;
    pair.runFor(60 * SECOND);
    const heardUs = pair.sent.findLast((one) => !one.fromServer)?.atUs ?? 0;
    const diedUs = pair.serverOwner.failure?.atUs ?? 0;
    expect(diedUs - firstProbeUs).toBeGreaterThanOrEqual(5 * SECOND);
    expect(diedUs - heardUs).toBeLessThan(5 * SECOND);
  });

  it('"bounds how long data may stay unacknowledged" (tcp(7)): plus a probe and a timeout', () => {
    // Round trip 500 ms: the timeout is 0.5 + 2·0.5 s, the probe comes after 2·0.5 + 0.2 s.
    const { min } = busyDeath({ rttUs: 500_000, server: { userTimeoutMs: 3000 } });
    expect(min).toBeGreaterThanOrEqual(3 + 1.5 + 1.2);
  });

  it('"restarts on progress": in flight it does, behind a shut window only when the whole head fits', () => {
    const pair = new Pair({ rttUs: 50_000, server: { userTimeoutMs: 5000 } }).connect();
    for (let i = 0; i < 5; i += 1) {
      pair.cut();
      pair.server.socket.write(100);
      pair.runFor(3 * SECOND);
      pair.cut(false);
      pair.runFor(4 * SECOND);
    }
    expect(pair.serverOwner.failure).toBeNull();

    const shut = frozen({ userTimeoutMs: 5000 });
    const firstProbeUs = shut.fromServer(SECOND, 'window-probe')[0]?.atUs ?? 0;
    shut.cut();
    const { sndUna } = recordOf(shut.server);
    shut.inject({ windowBytes: 2000 });
    shut.inject({ ackSeq: sndUna + 2000, windowBytes: 0 });
    shut.runFor(30 * SECOND);
    const livedS = ((shut.serverOwner.failure?.atUs ?? 0) - firstProbeUs) / SECOND;
    expect(livedS).toBeGreaterThanOrEqual(5);
    expect(livedS).toBeLessThan(5.27);
  });

  it('"set it to idle + interval·count" or "slightly below": the same check kills', () => {
    const equal = idleDeath({ keepalive, userTimeoutMs: 25_000 });
    const below = idleDeath({ keepalive, userTimeoutMs: 24_900 });
    expect(equal).toEqual(below);
    expect(equal).toEqual(idleDeath({ keepalive }));
  });
});

describe('a peer that does not read', () => {
  it('"lives for ever as long as it answers": only without a user timeout', () => {
    const immortal = frozen({});
    immortal.runFor(24 * HOUR);
    expect(immortal.info().state).toBe(TcpState.Established);
    const killed = frozen({ userTimeoutMs: 20_000 });
    killed.runFor(60 * SECOND);
    expect(killed.serverOwner.failure?.errno).toBe('ETIMEDOUT');
  });

  it('and then vanishes: 30 to 32 minutes more, the only way to half an hour', () => {
    const pair = frozen({});
    // An hour of answers: the gaps have grown to 120 s, and answers do not shrink them.
    pair.runFor(HOUR);
    pair.cut();
    const cutUs = pair.scheduler.nowUs;
    pair.runFor(2 * HOUR);
    const minutes = ((pair.serverOwner.failure?.atUs ?? 0) - cutUs) / SECOND / 60;
    // Fifteen unanswered probes 120.832 s apart, and the rest of the gap that ran.
    expect(minutes).toBeGreaterThan(30);
    expect(minutes).toBeLessThan(32.3);
    expect(pair.fromServer(cutUs, 'window-probe')).toHaveLength(15);
  });
});

describe('tcp_retries2', () => {
  const sysctls = { 'net.ipv4.tcp_retries2': 15 };

  it('"15 means 15 retransmissions": thin-linear timeouts and routers that answer make it more', () => {
    const pair = new Pair({
      server: { TCP_THIN_LINEAR_TIMEOUTS: 1 },
      config: { sysctls },
    }).connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(HOUR);
    const died = pair.serverOwner.failure?.atUs ?? 0;
    const [first] = pair.fromServer(SECOND, 'rto');
    expect(pair.fromServer(SECOND, 'rto').length).toBeGreaterThan(15);
    expect((died - (first?.atUs ?? 0)) / SECOND).toBeGreaterThanOrEqual(924.6);
  });

  it('"13 to 30 minutes", "924.6 s in total": 937.7 to 939.8 s at HZ 250, 947.9 to 952.1 at 1000', () => {
    expect(timeoutModelMs(15, 120_000)).toBe(924_600);
    const slow = busyDeath({ config: { sysctls } });
    expect([slow.min > 937.6, slow.max < 939.8]).toEqual([true, true]);
    const fast = busyDeath({ config: { sysctls, hz: 1000 } });
    expect([fast.min > 947.9, fast.max < 952.1]).toEqual([true, true]);
  });

  it('"ICMP unreachable kills an established connection": it names the error of the death', () => {
    const pair = new Pair().connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(2 * SECOND);
    for (const kind of ['port-unreachable', 'time-exceeded', 'host-unreachable'] as const) {
      pair.server.receiveIcmp(kind, 1);
      expect(pair.info().state).toBe(TcpState.Established);
    }
    pair.runFor(HOUR);
    expect(pair.serverOwner.failure?.errno).toBe('EHOSTUNREACH');
  });
});

describe('the retransmission timeout', () => {
  it.each([
    [100, 210],
    [250, 204],
    [1000, 201],
  ] as const)('"is at least 200 ms": HZ %i, %i ms on the shortest path', (hz, rtoMs) => {
    const pair = new Pair({ rttUs: 500, config: { hz } }).connect();
    expect(pair.info().rtoUs).toBe(rtoMs * 1000);
  });

  it('"sends the first retransmission": a tail loss probe does, uncounted', () => {
    const pair = new Pair().connect();
    pair.cut();
    pair.server.socket.write(100);
    pair.runFor(0.3 * SECOND);
    expect(pair.fromServer(SECOND).map((one) => one.why)).toEqual(['data', 'tlp']);
    expect(pair.info()).toMatchObject({ retransmits: 0, backoff: 0 });
    pair.runFor(0.2 * SECOND);
    const [sent, probe, again] = pair.fromServer(SECOND).map((one) => one.jiffy);
    expect((again ?? 0) - (probe ?? 0)).toBe((probe ?? 0) - (sent ?? 0));
  });
});

describe('the keepalive timer', () => {
  /** When the timer is due, s. */
  const dueS = (pair: Pair): number =>
    pair.scheduler.dueUs(recordOf(pair.server).keepSlot) / SECOND;

  it('"does not run while data is unacknowledged": it fires, and waits for a full idle time more', () => {
    const pair = new Pair({ server: { keepalive } }).connect();
    pair.cut();
    pair.runFor(5 * SECOND);
    pair.server.socket.write(100);
    const first = dueS(pair);
    pair.runFor(6 * SECOND);
    expect(dueS(pair)).toBeGreaterThanOrEqual(first + 10);
    expect(dueS(pair)).toBeLessThan(first + 10.26);
    expect(pair.fromServer(SECOND, 'keepalive-probe')).toHaveLength(0);
  });

  it('"is reset by traffic": it stays, and looks back when it fires', () => {
    const pair = new Pair({ server: { keepalive } }).connect();
    pair.runFor(7 * SECOND);
    const before = dueS(pair);
    pair.server.socket.write(100);
    pair.client.socket.write(100);
    const trafficS = pair.scheduler.nowUs / SECOND;
    pair.runFor(0.5 * SECOND);
    expect(dueS(pair)).toBe(before);
    pair.runFor((before + 0.01) * SECOND - pair.scheduler.nowUs);
    expect(dueS(pair)).toBeGreaterThanOrEqual(trafficS + 10);
    expect(dueS(pair)).toBeLessThan(trafficS + 10.26);
  });

  it('"any packet from the peer proves life": its own keepalive probes do not, an ACK in the window does', () => {
    const dead = new Pair({
      server: { keepalive: { idleS: 3, intervalS: 1, probes: 3 } },
      client: { keepalive: { idleS: 1, intervalS: 1, probes: 127 } },
    }).connect();
    dead.path.toClient.cut = true;
    const heardUs = dead.serverOwner.establishedUs ?? 0;
    dead.runFor(10 * SECOND);
    const diedS = ((dead.serverOwner.failure?.atUs ?? 0) - heardUs) / SECOND;
    // 3 + 3 × 1 s, each timer late by one bucket at most.
    expect(diedS).toBeGreaterThanOrEqual(6);
    expect(diedS).toBeLessThan(6.4);

    const alive = new Pair({ server: { keepalive: { idleS: 3, intervalS: 1, probes: 3 } } });
    alive.connectByHand(500);
    for (let i = 0; i < 20; i += 1) {
      alive.runFor(0.7 * SECOND);
      alive.inject();
    }
    expect(alive.fromServer(0, 'keepalive-probe')).toHaveLength(0);
  });
});

describe('connect', () => {
  it.each<[number | null, number, number, number]>([
    // TCP_SYNCNT, retransmissions, nominal end; recorded at HZ 250.
    // 0 is refused (do_tcp_setsockopt); without the option it is tcp_syn_retries, 6.
    [null, 10, 131, 134.1],
    [1, 2, 3, 3.05],
    [2, 5, 7, 7.13],
    [3, 7, 19, 19.5],
  ])('"gives up after 127 s and 6 retries": TCP_SYNCNT %s, %i again, %i s', (...row) => {
    const [synCount, retransmissions, nominalS, recordedS] = row;
    const window = windowOver(400, (jiffiesAtZero) => {
      const client = synCount === null ? {} : { TCP_SYNCNT: synCount };
      const pair = new Pair({ config: { jiffiesAtZero }, client });
      pair.cut();
      pair.client.socket.connect();
      pair.runFor(HOUR);
      expect(pair.sent).toHaveLength(1 + retransmissions);
      return (pair.clientOwner.failure?.atUs ?? 0) / SECOND;
    });
    expect(window.min).toBeGreaterThanOrEqual(nominalS);
    expect(window.min).toBeLessThanOrEqual(recordedS);
    expect(window.max).toBeGreaterThanOrEqual(recordedS - 0.01);
  });
});

describe('after close', () => {
  it('"raising tcp_fin_timeout lengthens FIN_WAIT2": above 60 s it shortens it, to 2·(F − 60)', () => {
    const life = (seconds: number): Window =>
      orphanLife({ 'net.ipv4.tcp_fin_timeout': seconds }, false);
    expect(life(60).min).toBeGreaterThanOrEqual(60);
    const longer = life(65);
    // 10.16 s recorded.
    expect(longer.min).toBeGreaterThanOrEqual(10);
    expect(longer.max).toBeLessThan(10.6);
  });

  it('"tcp_fin_timeout sets TIME_WAIT": 60 s whatever it says', () => {
    const lives = [5, 60, 120].map((seconds) => {
      const sysctls = { 'net.ipv4.tcp_fin_timeout': seconds };
      const pair = new Pair({ config: { sysctls } }).connect();
      pair.server.socket.close();
      pair.runFor(0.1 * SECOND);
      pair.client.socket.close();
      const closedUs = pair.scheduler.nowUs;
      pair.runFor(200 * SECOND);
      return ((pair.serverOwner.releasedUs ?? 0) - closedUs) / SECOND;
    });
    expect(new Set(lives).size).toBe(1);
    expect(lives[0]).toBeGreaterThanOrEqual(60);
    expect(lives[0]).toBeLessThan(62.06);
  });

  it('"tcp_orphan_retries 0 means none": it means 8, a time of 102.2 s', () => {
    const zero = orphanLife({ 'net.ipv4.tcp_orphan_retries': 0 }, true);
    expect(zero).toEqual(orphanLife({ 'net.ipv4.tcp_orphan_retries': 8 }, true));
    // The window of tcp_retries2 = 8 (a probe, a timeout, 102.2 s and the wheel).
    expect(zero.min).toBeGreaterThanOrEqual(106.18);
    expect(zero.max).toBeLessThanOrEqual(108.27);
  });
});

describe('fault injection', () => {
  it('"dropping on OUTPUT simulates a dead peer": it is a local failure, data stays queued and is probed', () => {
    const far = new Pair().connect();
    far.cut();
    const own = new Pair().connect();
    own.server.setLocalDrop('netfilter');
    for (const pair of [far, own]) {
      pair.server.socket.write(100);
      pair.runFor(2 * SECOND);
    }
    // Timeouts after 0.4, 0.8 and 1.6 s there; probes after 0.2, 0.6 and 1.4 s here.
    expect(far.info()).toMatchObject({ unacked: 1, retransmits: 3, probes: 0, notsentBytes: 0 });
    expect(own.info()).toMatchObject({ unacked: 0, retransmits: 0, probes: 3, notsentBytes: 100 });
  });

  it('the comment of user_timeout.pkt, "vanished because TCP_USER_TIMEOUT was small": late data did it', () => {
    const life = (userTimeoutMs: number, lateByte: boolean): number => {
      const pair = new Pair().connectByHand(100_000);
      pair.server.socket.setOptions({ TCP_USER_TIMEOUT: userTimeoutMs });
      const closedUs = pair.scheduler.nowUs;
      pair.server.socket.close();
      pair.runFor(1.5 * SECOND);
      if (lateByte) pair.inject({ length: 1 });
      pair.runFor(HOUR);
      return ((pair.serverOwner.releasedUs ?? 0) - closedUs) / SECOND;
    };
    expect(life(3000, true)).toBe(1.5);
    expect(life(0, true)).toBe(1.5);
    // Left alone: a probe, a timeout of 0.3 s each, then 3 s.
    expect(life(3000, false)).toBeGreaterThanOrEqual(3.6);
  });
});
