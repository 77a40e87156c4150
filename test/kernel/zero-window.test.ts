/** A peer that does not read: window, probes, and the clock of the user timeout. */
import { describe, expect, it } from 'vitest';
import { Pair, recordOf, type PairOptions } from './pair.ts';

const SECOND = 1_000_000;

/** A server that has filled the window of a client which reads nothing. */
function frozen(options: PairOptions = {}): Pair {
  const pair = new Pair(options).connect();
  pair.clientOwner.reading = false;
  pair.send(400_000);
  return pair;
}

describe('a reader that has stopped', () => {
  it('takes about what its buffer of 131072 bytes holds', () => {
    const pair = frozen();
    pair.runFor(5 * SECOND);
    // Recorded on veth, segments packed by offload: 126 185 bytes. How they are packed decides; within 10 %.
    expect(pair.client.socket.readableBytes).toBeGreaterThan(0.9 * 126_185);
    expect(pair.client.socket.readableBytes).toBeLessThan(131_072);
    expect(pair.info().unacked).toBe(0);
  });

  it('shares a buffer among 17 small segments: 1856 bytes of memory for the first, 1024 for each other', () => {
    const pair = new Pair().connect();
    pair.clientOwner.reading = false;
    const memory = Array.from({ length: 36 }, () => {
      pair.send(1_024);
      pair.runFor(50_000);
      return recordOf(pair.client).receiveQueue.memory;
    });
    const steps = memory.map((bytes, i) => bytes - (memory[i - 1] ?? 0));
    // SO_MEMINFO on Linux 6.18: MAX_SKB_FRAGS fragments, then a new head of 832 bytes.
    const heads = steps.flatMap((bytes, i) => (bytes === 1_856 ? [i] : []));
    expect(heads).toEqual([0, 17, 34]);
    expect(new Set(steps)).toEqual(new Set([1_856, 1_024]));
  });

  it('takes 113 messages of 1 KiB before its window is shut (recorded), not half of that', () => {
    const pair = new Pair().connect();
    pair.clientOwner.reading = false;
    for (let i = 0; i < 200; i += 1) {
      pair.send(1_024);
      pair.runFor(50_000);
    }
    const taken = pair.info().bytesAcked / 1_024;
    expect(Math.abs(taken - 113)).toBeLessThanOrEqual(0.05 * 113);
  });

  it('is probed for ever without a user timeout, at doubling gaps up to 120 s', () => {
    const pair = frozen();
    pair.runFor(5 * SECOND);
    const { rtoUs } = pair.info();
    pair.runFor(3600 * SECOND);
    expect(pair.serverOwner.failure).toBeNull();
    const times = pair.fromServer(SECOND, 'window-probe').map((one) => one.atUs);
    const last = (times.at(-1) ?? 0) - (times.at(-2) ?? 0);
    // 30000 jiffies on a level of 512: 30208, that is 120.832 s.
    expect(last).toBe(120_832_000);
    // The timeout itself does not grow: only the shift does.
    expect(pair.info().rtoUs).toBe(rtoUs);
  });

  it('answers only one probe per 500 ms', () => {
    const pair = frozen();
    pair.runFor(10 * SECOND);
    const answers = pair.sent
      .filter((one) => !one.fromServer && one.why === 'duplicate-ack')
      .map((one) => one.atUs);
    expect(answers.length).toBeGreaterThan(1);
    const gaps = answers.slice(1).map((at, i) => at - (answers[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500_000);
  });

  it('is given up a user timeout after the first probe, though it answers', () => {
    for (const userTimeoutMs of [300, 5000]) {
      const pair = frozen({ server: { userTimeoutMs } });
      pair.runFor(60 * SECOND);
      const first = pair.fromServer(SECOND, 'window-probe')[0]?.atUs ?? 0;
      const died = pair.serverOwner.failure?.atUs ?? 0;
      const lived = (died - first) / 1000;
      // The last timer is cut to what is left of the user timeout, and late by its bucket.
      expect(lived).toBeGreaterThanOrEqual(userTimeoutMs);
      expect(lived).toBeLessThan(userTimeoutMs + 262);
      expect(pair.serverOwner.failure?.errno).toBe('ETIMEDOUT');
      expect(pair.fromServer(died).filter((one) => one.flags.includes('R'))).toHaveLength(0);
    }
  });

  it('opens with one announcement once a good part is read, and all arrives', () => {
    const pair = frozen();
    pair.runFor(5 * SECOND);
    pair.clientOwner.reading = true;
    const before = pair.sent.length;
    pair.client.socket.read(1_000_000);
    expect(pair.sent.slice(before).filter((one) => !one.fromServer)).toHaveLength(1);
    pair.runFor(5 * SECOND);
    expect(pair.client.socket.bytesRead).toBe(400_000);
    const info = pair.info();
    expect([info.unacked, info.probes, info.backoff, info.outqBytes]).toEqual([0, 0, 0, 0]);
  });

  it('then vanishes: as many unanswered probes as tcp_retries2', () => {
    const pair = frozen({ config: { sysctls: { 'net.ipv4.tcp_retries2': 6 } } });
    pair.runFor(2 * SECOND);
    pair.cut();
    const cutUs = pair.scheduler.nowUs;
    pair.runFor(200 * SECOND);
    expect(pair.fromServer(cutUs, 'window-probe')).toHaveLength(6);
    expect(pair.serverOwner.failure?.errno).toBe('ETIMEDOUT');
  });

  it('that takes a little and shuts again does not stop the clock of the user timeout', () => {
    const pair = frozen({ server: { userTimeoutMs: 5000 } });
    pair.runFor(SECOND);
    const first = pair.fromServer(SECOND, 'window-probe')[0]?.atUs ?? 0;
    // From here on this test is the peer: two segments' worth of window, then none.
    pair.cut();
    pair.runFor(2 * SECOND);
    const acked = recordOf(pair.server).sndUna;
    pair.inject({ ackSeq: acked, windowBytes: 2000 });
    expect(pair.fromServer(pair.scheduler.nowUs, 'data')).toMatchObject([{ length: 2000 }]);
    pair.inject({ ackSeq: acked + 2000, windowBytes: 0 });
    expect(pair.info()).toMatchObject({ unacked: 0, bytesAcked: acked + 2000 - 1 });
    pair.runFor(30 * SECOND);
    const lived = ((pair.serverOwner.failure?.atUs ?? 0) - first) / SECOND;
    // Recorded: 5.21 s although bytes were taken at 2.0 s, not 7.2 s.
    expect(lived).toBeGreaterThanOrEqual(5);
    expect(lived).toBeLessThan(5.3);
  });

  it('that opens for less than a segment is served by the probe timer, and that stops the clock', () => {
    const pair = frozen({ server: { userTimeoutMs: 5000 } });
    pair.runFor(SECOND);
    pair.cut();
    pair.runFor(2 * SECOND);
    const acked = recordOf(pair.server).sndUna;
    // 600 bytes: too little to send by itself (tcp_snd_wnd_test), so the next probe carries them (tcp_write_wakeup).
    pair.inject({ ackSeq: acked, windowBytes: 600 });
    const openedUs = pair.scheduler.nowUs;
    expect(pair.fromServer(openedUs)).toEqual([]);
    pair.runFor(3 * SECOND);
    const served = pair.fromServer(openedUs, 'window-probe');
    expect(served).toMatchObject([{ length: 600 }]);
    pair.inject({ ackSeq: acked + 600, windowBytes: 0 });
    const shutUs = pair.scheduler.nowUs;
    pair.runFor(60 * SECOND);
    const [first] = pair.fromServer(shutUs, 'window-probe');
    const lived = ((pair.serverOwner.failure?.atUs ?? 0) - (first?.atUs ?? 0)) / SECOND;
    // A new clock, from the next probe's expiry on.
    expect(lived).toBeGreaterThanOrEqual(5);
    expect(lived).toBeLessThan(5.3);
  });

  it('that opens for the whole first buffer stops the clock', () => {
    const pair = frozen({ server: { userTimeoutMs: 5000 } });
    pair.runFor(3 * SECOND);
    const first = pair.fromServer(SECOND, 'window-probe')[0]?.atUs ?? 0;
    pair.clientOwner.reading = true;
    pair.client.socket.read(1_000_000);
    pair.runFor(30 * SECOND);
    expect(first).toBeGreaterThan(0);
    expect(pair.serverOwner.failure).toBeNull();
  });
});

describe('an orphan behind a closed window', () => {
  function orphan(options: PairOptions = {}): Pair {
    const pair = frozen(options);
    pair.runFor(2 * SECOND);
    pair.server.socket.close();
    return pair;
  }

  it('dies when the doubled timeout reaches 120 s, though the peer answers', () => {
    const pair = orphan();
    pair.runFor(600 * SECOND);
    // 0.204 × 2^10 > 120: about 333 s after the window closed (last probe recorded at 212.9 s).
    const last = pair.fromServer(SECOND, 'window-probe').at(-1);
    expect((last?.atUs ?? 0) / SECOND - 1).toBeGreaterThan(200);
    expect((last?.atUs ?? 0) / SECOND - 1).toBeLessThan(225);
    expect((pair.serverOwner.releasedUs ?? 0) / SECOND).toBeGreaterThan(320);
    expect((pair.serverOwner.releasedUs ?? 0) / SECOND).toBeLessThan(345);
  });

  it('with tcp_orphan_retries set dies there too, if it has been probed that often', () => {
    // 0.204 s doubled four times is above rtoMax of 2 s: probes at 0.2, 0.6, 1.4 and 3.1 s, dead 2 s later.
    const sysctls = { 'net.ipv4.tcp_orphan_retries': 3, 'net.ipv4.tcp_rto_max_ms': 2000 };
    const pair = orphan({ config: { sysctls } });
    pair.runFor(60 * SECOND);
    const lived = (pair.serverOwner.releasedUs ?? Infinity) / SECOND - 1;
    expect(lived).toBeGreaterThan(4.5);
    expect(lived).toBeLessThan(6);
  });

  it('dies after 8 unanswered probes', () => {
    const pair = orphan();
    pair.cut();
    const cutUs = pair.scheduler.nowUs;
    pair.runFor(600 * SECOND);
    expect(pair.fromServer(cutUs, 'window-probe').length).toBeLessThanOrEqual(8);
    expect(pair.serverOwner.releasedUs).not.toBeNull();
  });
});

describe('the receive buffer of a reader of 100 kB/s, read once a second', () => {
  it('holds what was recorded on Linux 6.18: 138 240 bytes of memory allowed, 142 848 in use, 89 520 unread', () => {
    const pair = new Pair({ rttUs: 50_000, config: { offload: 'none' } }).connect();
    pair.clientOwner.reading = false;
    pair.send(40_000_000);
    pair.runFor(400_000);
    const sk = recordOf(pair.client);
    const state = (): number[] => [sk.receiveBuffer, sk.receiveQueue.memory, sk.receiveQueue.bytes];
    expect(state()).toEqual([138_240, 142_848, 89_520]);
    for (let second = 0; second < 20; second += 1) {
      pair.runFor(1_000_000);
      pair.client.socket.read(100_000);
    }
    // Unread bytes count against the reader: it gets no more room (3.3 MB before that was known).
    expect(sk.receiveBuffer).toBeLessThan(500_000);
    expect(sk.drsSpace).toBe(14_480);
  });
});
