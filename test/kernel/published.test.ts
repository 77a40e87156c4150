/**
 * Times that others have published: the timer assertions of packetdrill's scripts (google/packetdrill
 * gtests/net/tcp, and the kernel's selftests net/packetdrill under similar names), scripts posted to
 * netdev, and the traces of Cloudflare's "When TCP sockets refuse to die" (2019).
 *
 * Scripts ran at a phase nobody wrote down, so windows over phases are compared. A script allows 4 ms
 * around its times (packetdrill's --tolerance_usecs); segments here are 1448 bytes, not 1000.
 */
import { describe, expect, it } from 'vitest';
import { blankSegment } from '../../sim/network/segment.ts';
import { TcpState } from '../../sim/kernel/types.ts';
import { Pair, recordOf, type PairOptions, valuesOf } from './pair.ts';
import { phases, windowOver } from './reference.ts';

const SECOND = 1_000_000;
const TOLERANCE_S = 0.004;

/** defaults.sh, which every script begins with. */
const defaults = { 'net.ipv4.tcp_early_retrans': 4, 'net.ipv4.tcp_slow_start_after_idle': 0 };

interface Setting extends PairOptions {
  readonly hz: 250 | 1000;
  readonly sysctls?: Readonly<Record<string, number>>;
}

function pairOf({ hz, sysctls, ...options }: Setting, jiffiesAtZero: number): Pair {
  return new Pair({
    ...options,
    config: { hz, jiffiesAtZero, sysctls: { ...defaults, ...sysctls } },
  });
}

/** Seconds from one of the server's sent segments to the next, beginning at `fromUs`. */
function gapsS(pair: Pair, fromUs: number): number[] {
  const times = pair.fromServer(fromUs).map((one) => one.atUs / SECOND);
  return times.slice(1).map((at, i) => at - (times[i] as number));
}

/** Gaps that at some phase lie outside their published bounds; timers here are late by up to `bucketS` more. */
function gapsOutside(
  setting: Setting,
  play: (pair: Pair) => number[],
  published: readonly (readonly [number, number])[],
  bucketS: number,
): string[] {
  return phases(100).flatMap((jiffiesAtZero) => {
    const gaps = play(pairOf(setting, jiffiesAtZero));
    return published.flatMap(([least, most], i) => {
      const gap = gaps[i] ?? Infinity;
      const inside = gap >= least && gap <= most + TOLERANCE_S + bucketS;
      return inside ? [] : [`gap ${i} is ${gap} s from jiffy ${jiffiesAtZero}`];
    });
  });
}

describe.each([250, 1000] as const)('packetdrill scripts at HZ %i', (hz) => {
  it('user_timeout.pkt: the FIN again at +0.3…0.4, +0.3…0.4, +0.6…0.8; late data is reset', () => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(100_000);
      pair.runFor(2 * SECOND);
      pair.server.socket.setOptions({ TCP_USER_TIMEOUT: 3000 });
      const closedUs = pair.scheduler.nowUs;
      pair.server.socket.close();
      pair.runFor(1.6 * SECOND);
      // Long before the user timeout: what ends it is a byte for a socket that nobody reads.
      expect(pair.serverOwner.releasedUs).toBeNull();
      pair.inject({ length: 1 });
      expect(pair.sent.at(-1)?.flags).toContain('R');
      expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
      return gapsS(pair, closedUs);
    };
    const published = [[0.3, 0.4] as const, [0.3, 0.4] as const, [0.6, 0.8] as const];
    expect(gapsOutside({ hz }, play, published, 0)).toEqual([]);
  });

  it('cubic-rto-ss-ca-cwnd-bump.pkt: probe at +0.300…0.303, timeout as much later', () => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(100_000);
      pair.server.socket.write(1000);
      pair.runFor(100_000);
      pair.inject({ ackSeq: 1001 });
      const writtenUs = pair.scheduler.nowUs;
      pair.server.socket.write(1000);
      pair.runFor(SECOND);
      expect(pair.fromServer(writtenUs).map((one) => one.why)).toEqual(['data', 'tlp', 'rto']);
      return gapsS(pair, writtenUs);
    };
    const published = [[0.3, 0.303] as const, [0.3, 0.303] as const];
    expect(gapsOutside({ hz }, play, published, hz === 250 ? 0.036 : 0.009)).toEqual([]);
  });

  it('fr-4pkt-fack-last-byte.pkt: probe 0.1…0.105 s after the ACK, timeout +0.3…0.310', () => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(100_000);
      pair.server.socket.write(4 * 1448);
      pair.runFor(100_000);
      const ackedUs = pair.scheduler.nowUs;
      // The last byte of the last segment only: no segment is selectively acknowledged.
      pair.inject({ sackBlocks: 1, sack: [4 * 1448, 4 * 1448 + 1, 0, 0, 0, 0] });
      pair.runFor(0.6 * SECOND);
      const sent = pair.fromServer(ackedUs);
      expect(sent.map(({ why, seq }) => [why, seq])).toEqual([
        ['tlp', 1 + 3 * 1448],
        ['rto', 1],
      ]);
      return [((sent[0]?.atUs ?? 0) - ackedUs) / SECOND, ...gapsS(pair, ackedUs)];
    };
    const published = [[0.1, 0.105] as const, [0.3, 0.31] as const];
    expect(gapsOutside({ hz }, play, published, hz === 250 ? 0.028 : 0.004)).toEqual([]);
  });

  // Two round trips and 2 ms with several segments out; the bounds are those of the round trip beside them.
  it.each([
    ['shutdown-rdwr-write-queue-close.pkt', 4000, 0.01, 0.015, true],
    ['shutdown-rdwr-send-queue-ack-close.pkt', 1500, 0.005, 0.005, false],
    ['eor/no-coalesce-retrans.pkt', 1000, 0.004, 0.008, false],
  ])('%s: probe after two round trips of %i us and 2 ms', (_name, rttUs, least, most, closes) => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(rttUs);
      const writtenUs = pair.scheduler.nowUs;
      pair.server.socket.write(2 * 1448);
      if (closes) pair.server.socket.close();
      pair.runFor(0.1 * SECOND);
      const { atUs = 0, flags } = pair.fromServer(writtenUs, 'tlp')[0] ?? {};
      expect(flags).toBe(closes ? 'F.' : '.');
      return [(atUs - writtenUs) / SECOND];
    };
    // The scripts know ticks of 1 ms; one of 4 ms rounds up and adds its own.
    const tickS = hz === 250 ? 0.004 : 0;
    expect(gapsOutside({ hz }, play, [[least, most]], tickS)).toEqual([]);
  });

  it('tcp_rto_synack_rto_max.pkt: tcp_rto_max_ms 1000, SYN-ACK again at +1, +1, +1', () => {
    const play = (pair: Pair): number[] => {
      pair.cut();
      pair.server.socket.listen();
      pair.inject({ syn: true, ack: false, seq: 0 });
      pair.runFor(3.5 * SECOND);
      return gapsS(pair, 0);
    };
    const published = [[1, 1] as const, [1, 1] as const, [1, 1] as const];
    expect(
      gapsOutside({ hz, sysctls: { 'net.ipv4.tcp_rto_max_ms': 1000 } }, play, published, 0.064),
    ).toEqual([]);
  });

  it('tcp-info-last_data_recv.pkt: 990…1010 ms after a second of silence, at most 10 after data', () => {
    for (const jiffiesAtZero of phases(100)) {
      const pair = pairOf({ hz, rttUs: 30_000 }, jiffiesAtZero);
      pair.server.socket.listen();
      pair.client.socket.connect();
      pair.runFor(30_000 + SECOND);
      const silentMs = pair.info(pair.client).lastDataRecvMs;
      expect(silentMs).toBeGreaterThanOrEqual(990);
      expect(silentMs).toBeLessThanOrEqual(1010);
      pair.server.socket.write(1000);
      pair.runFor(15_000);
      expect(pair.info(pair.client).lastDataRecvMs).toBeLessThanOrEqual(10);
    }
  });

  it('fastopen client errno scripts: TCP_SYNCNT 1, SYN at 0 and +1 s, ETIMEDOUT at 3.0 s', () => {
    const window = windowOver(100, (jiffiesAtZero) => {
      const pair = pairOf({ hz, client: { TCP_SYNCNT: 1 } }, jiffiesAtZero);
      pair.cut();
      pair.client.socket.connect();
      pair.runFor(10 * SECOND);
      const again = pair.sent[1]?.atUs ?? 0;
      // synack-data.pkt: +0.99…1.1 s.
      expect(again / SECOND).toBeGreaterThanOrEqual(1);
      expect(again / SECOND).toBeLessThan(1.1);
      expect(pair.clientOwner.failure?.errno).toBe('ETIMEDOUT');
      return (pair.clientOwner.failure?.atUs ?? 0) / SECOND;
    });
    expect(window.min).toBeGreaterThanOrEqual(3);
    expect(window.max).toBeLessThan(3.2);
  });

  it('packet-timeout.pkt: tcp_syn_retries 1, before linear timeouts: SYN at 0 and +1, no more by +2', () => {
    const sysctls = { 'net.ipv4.tcp_syn_retries': 1, 'net.ipv4.tcp_syn_linear_timeouts': 0 };
    const pair = pairOf({ hz, sysctls }, 2 ** 32);
    pair.cut();
    pair.client.socket.connect();
    pair.runFor(3.2 * SECOND);
    expect(pair.sent.map((one) => Math.floor(one.atUs / SECOND))).toEqual([0, 1]);
    expect(pair.clientOwner.failure?.errno).toBe('ETIMEDOUT');
  });

  it('keepalive 3/2/4 (N. Cardwell, netdev, January 2025): probes +3 +2 +2 +2, RST +2', () => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(10_000);
      pair.server.socket.setOptions(valuesOf({ keepalive: { idleS: 3, intervalS: 2, probes: 4 } }));
      const setUs = pair.scheduler.nowUs;
      pair.runFor(20 * SECOND);
      const sent = pair.fromServer(setUs);
      expect(sent.map((one) => one.flags)).toEqual(['.', '.', '.', '.', 'R.']);
      expect(pair.serverOwner.failure?.errno).toBe('ETIMEDOUT');
      return [((sent[0]?.atUs ?? 0) - setUs) / SECOND, ...gapsS(pair, setUs)];
    };
    const published = [3, 2, 2, 2, 2].map((gap) => [gap, gap] as const);
    expect(gapsOutside({ hz }, play, published, 0.26)).toEqual([]);
  });

  it('tcp_fin_wait1_zero_window.pkt (H. Zhong, netdev, October 2025): probes +0.2 … +12.8 s', () => {
    const play = (pair: Pair): number[] => {
      pair.connectByHand(1000);
      pair.inject({ windowBytes: 0, seq: 1 });
      pair.server.socket.write(1000);
      pair.server.socket.close();
      expect(pair.info().state).toBe(TcpState.FinWait1);
      const closedUs = pair.scheduler.nowUs;
      pair.runFor(28 * SECOND);
      const [first] = pair.fromServer(closedUs);
      return [((first?.atUs ?? 0) - closedUs) / SECOND, ...gapsS(pair, closedUs)];
    };
    const published = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8].map((gap) => [gap, gap * 1.03] as const);
    // 12.8 s at HZ 1000 lies in buckets of 512 ms.
    expect(gapsOutside({ hz }, play, published, hz === 250 ? 0.26 : 0.52)).toEqual([]);
  });
});

describe('packetdrill scripts without a clock', () => {
  it('close-on-syn-sent.pkt: no RST at close; a SYN-ACK afterwards gets one', () => {
    const pair = new Pair();
    pair.cut();
    pair.client.socket.connect();
    pair.client.socket.close();
    expect(pair.sent.map((one) => one.flags)).toEqual(['S']);
    pair.client.receive({ ...blankSegment(), fromServer: true, syn: true, ack: true, ackSeq: 1 });
    expect(pair.sent.map((one) => one.flags)).toEqual(['S', 'R']);
    expect(pair.sent.at(-1)?.seq).toBe(1);
  });

  it('close-local-close-then-remote-fin.pkt: FIN, ACK, FIN, ACK', () => {
    const pair = new Pair().connectByHand(1000);
    pair.server.socket.write(1000);
    pair.inject({ ackSeq: 1001 });
    const closedUs = pair.scheduler.nowUs;
    pair.server.socket.close();
    pair.inject({ ackSeq: 1002 });
    pair.inject({ fin: true, ackSeq: 1002 });
    const sent = pair.fromServer(closedUs).filter((one) => one.length === 0);
    expect(sent.map(({ flags, seq }) => [flags, seq])).toEqual([
      ['F.', 1001],
      ['.', 1002],
    ]);
    expect(pair.server.socket.state).toBe(TcpState.TimeWait);
  });

  it('close-remote-fin-then-close.pkt: RST from a socket that has vanished', () => {
    const pair = new Pair().connectByHand(1000);
    pair.inject({ fin: true });
    expect(pair.serverOwner.peerFinUs).toBe(pair.scheduler.nowUs);
    pair.server.socket.close();
    expect(pair.server.socket.state).toBe(TcpState.LastAck);
    pair.inject({ seq: 2, ackSeq: 2 });
    expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
    pair.inject({ seq: 2, ackSeq: 2 });
    expect(pair.sent.at(-1)).toMatchObject({ flags: 'R', seq: 2 });
  });

  it('tcp_close_no_rst.pkt: a FIN with data read long ago is no unread data', () => {
    const pair = new Pair().connectByHand(100_000);
    pair.inject({ length: 1000 });
    pair.inject({ seq: 1, length: 1000, fin: true });
    pair.runFor(40_000);
    pair.server.socket.close();
    expect(pair.sent.at(-1)).toMatchObject({ flags: 'F.', seq: 1 });
  });

  it('reset-close-with-unread-data.pkt: RST at close', () => {
    const pair = new Pair().connectByHand(1000);
    pair.serverOwner.reading = false;
    pair.inject({ length: 1000 });
    pair.server.socket.close();
    expect(pair.sent.at(-1)?.flags).toBe('R.');
    expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
  });

  it('tcp_rcv_zero_wnd_fin.pkt: a FIN is accepted at window 0', () => {
    const pair = new Pair({ server: { SO_RCVBUF: 10_000 } }).connectByHand(1000);
    pair.serverOwner.reading = false;
    const sk = recordOf(pair.server);
    for (let i = 0; i < 200 && sk.rcvWnd > 0; i += 1) {
      pair.inject({ length: Math.min(1448, sk.rcvWup + sk.rcvWnd - sk.rcvNxt), psh: true });
      pair.runFor(50_000);
    }
    expect(sk.rcvWnd).toBe(0);
    const end = sk.rcvNxt;
    pair.inject({ fin: true });
    expect(sk.rcvNxt).toBe(end + 1);
    expect(pair.server.socket.state).toBe(TcpState.CloseWait);
  });

  it('psp-tw-rtx-ack.pkt: TIME_WAIT answers a FIN that comes again', () => {
    const pair = new Pair().connectByHand(1000);
    pair.server.socket.close();
    pair.inject({ ackSeq: 2 });
    pair.inject({ fin: true, ackSeq: 2 });
    expect(pair.server.socket.state).toBe(TcpState.TimeWait);
    const before = pair.sent.length;
    pair.runFor(0.6 * SECOND);
    pair.inject({ fin: true, seq: 1, ackSeq: 2 });
    expect(pair.sent.slice(before)).toMatchObject([{ flags: '.', seq: 2 }]);
  });
});

describe('Cloudflare, "When TCP sockets refuse to die"', () => {
  it('SYNs at 1.028, 3.044, 7.236, 15.427, 31.560 and 64.324 s, before linear timeouts', () => {
    const published = [1.028, 3.044, 7.236, 15.427, 31.56, 64.324];
    const sysctls = { 'net.ipv4.tcp_syn_linear_timeouts': 0 };
    // Some phase of the machine gives all six to the jiffy, and every phase gives each within its bucket.
    let closestS = Infinity;
    for (let i = 0; i < 4096; i += 1) {
      const pair = pairOf({ hz: 250, sysctls }, 2 ** 32 + i + (i % 4) / 4);
      pair.cut();
      pair.client.socket.connect();
      pair.runFor(70 * SECOND);
      const times = pair.sent.slice(1).map((one) => one.atUs / SECOND);
      expect(times).toHaveLength(published.length);
      const offS = times.map((at, k) => Math.abs(at - (published[k] as number)));
      closestS = Math.min(closestS, Math.max(...offS));
    }
    expect(closestS).toBeLessThanOrEqual(0.005);
  });

  it('a dead peer is noticed after 15.6 minutes; the saturated steps are 120.832 s', () => {
    const window = windowOver(200, (jiffiesAtZero) => {
      const pair = pairOf({ hz: 250 }, jiffiesAtZero).connect();
      pair.cut();
      const writtenUs = pair.scheduler.nowUs;
      pair.server.socket.write(100);
      pair.runFor(1000 * SECOND);
      // 30000 jiffies in buckets of 512 are 30208; the first is armed off the grid.
      for (const gap of gapsS(pair, writtenUs).slice(-4)) expect(gap).toBeCloseTo(120.832, 6);
      return ((pair.serverOwner.failure?.atUs ?? 0) - writtenUs) / SECOND / 60;
    });
    expect(window.min).toBeGreaterThan(15.6);
    expect(window.max).toBeLessThan(15.7);
  });

  it('an idle connection without keepalive outlives a dead peer for ever', () => {
    const pair = pairOf({ hz: 250 }, 2 ** 32).connect();
    pair.cut();
    pair.runFor(365 * 24 * 3600 * SECOND);
    expect(pair.info().state).toBe(TcpState.Established);
  });

  it('a SYN-RECV socket is gone after a minute, and nobody is told', () => {
    const pair = pairOf({ hz: 250 }, 2 ** 32);
    pair.cut();
    pair.server.socket.listen();
    pair.inject({ syn: true, ack: false, seq: 0 });
    pair.runFor(70 * SECOND);
    expect(pair.fromServer(0, 'syn-ack')).toHaveLength(6);
    expect(pair.info().state).toBe(TcpState.Listen);
    expect(pair.serverOwner.failure).toBeNull();
  });
});
