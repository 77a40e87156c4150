/** What a light sock does with segments: tcp_timewait_state_process, and requests that are not yet connections. */
import { describe, expect, it } from 'vitest';
import type { MutableSegment } from '../../sim/network/segment.ts';
import { TcpState } from '../../sim/kernel/types.ts';
import type { IcmpKind } from '../../sim/network/icmp.ts';
import { Pair, recordOf, type PairOptions } from './pair.ts';

const SECOND = 1_000_000;

/** The server in TIME_WAIT, having received nothing but the FIN: rcv_nxt is 2, its own FIN was 1. */
function inTimeWait(options: PairOptions = {}): Pair {
  const pair = new Pair(options).connectByHand(1000);
  pair.server.socket.close();
  pair.inject({ ackSeq: 2 });
  pair.inject({ fin: true, seq: 1, ackSeq: 2 });
  expect(pair.server.socket.state).toBe(TcpState.TimeWait);
  return pair;
}

/** How long TIME_WAIT lasts in all when `segment` arrives 40 s into it, and how it is answered. */
function after40s(segment: Partial<MutableSegment>, options: PairOptions = {}): [number, string[]] {
  const pair = inTimeWait(options);
  const enteredUs = pair.scheduler.nowUs;
  pair.runFor(40 * SECOND);
  const before = pair.sent.length;
  pair.inject({ ackSeq: 2, ...segment });
  const answers = pair.sent.slice(before).map((one) => one.flags);
  pair.runFor(200 * SECOND);
  return [((pair.serverOwner.releasedUs ?? Infinity) - enteredUs) / SECOND, answers];
}

describe('TIME_WAIT', () => {
  // 60 s on a level of 2.048 s: 60.0 to 62.05 s; started again after 40 s: 40 s more.
  it.each<[string, Partial<MutableSegment>, boolean, string[]]>([
    ['a FIN that comes again', { fin: true, seq: 1 }, true, ['.']],
    ['a keepalive probe of the peer, one below what is expected', { seq: 1 }, true, ['.']],
    ['old data', { seq: 1, length: 1 }, true, ['.']],
    ['a bare ACK just as expected', { seq: 2 }, true, []],
    ['a reset that is not exact', { rst: true, ack: false, seq: 3 }, false, []],
  ])('%s', (_name, segment, restarts, answers) => {
    const [lasted, given] = after40s(segment);
    expect(given).toEqual(answers);
    expect(lasted).toBeGreaterThanOrEqual(restarts ? 100 : 60);
    expect(lasted).toBeLessThan(restarts ? 102.1 : 62.1);
  });

  it('ends at an exact reset, unless tcp_rfc1337 is set', () => {
    const reset = { rst: true, ack: false, seq: 2 };
    expect(after40s(reset)[0]).toBeCloseTo(40, 5);
    const sysctls = { 'net.ipv4.tcp_rfc1337': 1 };
    expect(after40s(reset, { config: { sysctls } })[0]).toBeGreaterThanOrEqual(60);
  });

  it('answers probes at most every 500 ms, but each one puts its end off', () => {
    const pair = inTimeWait();
    const before = pair.sent.length;
    for (let i = 0; i < 5; i += 1) {
      pair.inject({ seq: 1, ackSeq: 2 });
      pair.runFor(0.25 * SECOND);
    }
    // At 0, 0.5 and 1 s: 500 ms later is late enough (__tcp_oow_rate_limited).
    expect(pair.sent.slice(before)).toHaveLength(3);
  });
});

describe('FIN_WAIT2 as a light sock', () => {
  function light(): Pair {
    const pair = new Pair().connectByHand(1000);
    pair.server.socket.close();
    pair.inject({ ackSeq: 2 });
    expect(pair.server.socket.state).toBe(TcpState.FinWait2);
    return pair;
  }

  it.each<[string, Partial<MutableSegment>, string[]]>([
    ['acknowledges a probe below the window', { seq: 0 }, ['.']],
    ['is silent about a bare ACK', { seq: 1 }, []],
    ['resets data', { seq: 1, length: 10 }, ['R']],
    ['acknowledges the FIN', { seq: 1, fin: true }, ['.']],
  ])('%s', (_name, segment, answers) => {
    const pair = light();
    const before = pair.sent.length;
    pair.inject({ ackSeq: 2, ...segment });
    expect(pair.sent.slice(before).map((one) => one.flags)).toEqual(answers);
  });
});

describe('a request that waits for the last ACK', () => {
  // tcp_req_err: the peer or its network is unreachable, or the packet lived too long; a closed port is no reason.
  it.each<[IcmpKind, boolean]>([
    ['host-unreachable', true],
    ['net-unreachable', true],
    ['time-exceeded', true],
    ['port-unreachable', false],
  ])('%s about its SYN-ACK: dropped %s', (kind, dropped) => {
    const pair = new Pair();
    pair.cut();
    pair.server.socket.listen();
    pair.inject({ syn: true, ack: false, seq: 0 });
    expect(recordOf(pair.server).state).toBe(TcpState.SynRecv);
    pair.server.receiveIcmp(kind, 0);
    expect(recordOf(pair.server).state).toBe(dropped ? TcpState.Listen : TcpState.SynRecv);
  });
});
