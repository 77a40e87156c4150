/**
 * What a send buffer takes until a write finds no room.
 *
 * Measured on Linux 6.18.44, MSS 1448, round trip 50 ms, the wire cut after the handshake, writes of one size until one
 * falls short; sk_wmem_queued and sk_sndbuf from SO_MEMINFO. The first window is full after ten segments; what comes
 * after it gathers in buffers of half the peer's window.
 */
import { describe, expect, it } from 'vitest';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { Pair, recordOf } from './pair.ts';

function deadPath(congestionControl: CongestionControl, sysctls = {}): Pair {
  const config = { congestionControl, offload: 'none', sysctls } as const;
  const pair = new Pair({ rttUs: 50_000, config }).connect();
  pair.cut();
  return pair;
}

function writeUntilFull(pair: Pair, size: number): number {
  const { socket } = pair.server;
  let accepted = 0;
  for (;;) {
    const taken = socket.write(size);
    accepted += taken;
    if (taken < size) return accepted;
  }
}

describe('the send buffer', () => {
  it.each([
    [1, 63_722, 73_706],
    [10, 63_812, 73_796],
    [100, 64_712, 74_696],
    [300, 66_712, 76_696],
    [600, 69_712, 79_696],
    [1000, 73_712, 83_696],
    [1448, 78_192, 88_176],
    [2000, 73_712, 79_536],
    [2896, 78_192, 84_016],
    [5000, 76_608, 82_432],
    [20_000, 78_192, 84_016],
    [65_536, 78_192, 84_016],
    [200_000, 78_192, 84_016],
  ])('writes of %i bytes: %i accepted in %i bytes of memory', (size, accepted, memory) => {
    const pair = deadPath('bbr');
    expect(writeUntilFull(pair, size)).toBe(accepted);
    expect(recordOf(pair.server).sendMemory).toBe(memory);
  });

  // tcp_sndbuf_expand: 2304 bytes for each of ten segments, three windows of them with bbr (bbr_sndbuf_expand), else two.
  it.each([
    ['bbr', 69_120],
    ['cubic', 46_080],
    ['reno', 46_080],
  ] as const)('of %s begins with %i bytes', (congestionControl, bytes) => {
    expect(recordOf(deadPath(congestionControl).server).sendBuffer).toBe(bytes);
  });

  it('stays below tcp_wmem[2]', () => {
    const sysctls = { 'net.ipv4.tcp_wmem.1': 16_384, 'net.ipv4.tcp_wmem.2': 20_000 };
    const pair = deadPath('bbr', sysctls);
    expect(recordOf(pair.server).sendBuffer).toBe(20_000);
    // 2 windows of 5 bursts of 2 segments are in flight: 5 · (2896 + 832) = 18640. One buffer more is begun below 20000.
    expect(writeUntilFull(pair, 65_536)).toBe(14_480 + 31_856);
  });
});

describe('a buffer of several segments', () => {
  it('goes over a wire without offload one by one, and is cut where only a part arrived', () => {
    const pair = deadPath('bbr');
    const fromUs = pair.scheduler.nowUs;
    pair.send(2 * 1448);
    const sk = recordOf(pair.server);
    expect(pair.fromServer(fromUs, 'data').map((one) => one.length)).toEqual([1448, 1448]);
    expect([sk.rtx.length, sk.packetsOut]).toEqual([1, 2]);
    // The second segment arrives, the first does not: tcp_match_skb_to_sack cuts the buffer between them.
    const { sndUna } = sk;
    pair.inject({ sackBlocks: 1, sack: [sndUna + 1448, sndUna + 2896] });
    expect([sk.rtx.length, sk.packetsOut, sk.sackedOut]).toEqual([2, 2, 1]);
    // Two heads from now on: 2896 + 2 · 832.
    expect(sk.sendMemory).toBe(4560);
  });

  it('leaves while a long write is still being copied: the first one alone, then all at half a window', () => {
    const pair = deadPath('bbr');
    const fromUs = pair.scheduler.nowUs;
    pair.send(65_536);
    // 10 segments in flight, in 5 bursts of 2 (tcp_tso_autosize): 65536 + 7 · 832 with two unsent buffers (SO_MEMINFO: 71360).
    expect(recordOf(pair.server).sendMemory).toBe(71_360);
    expect(pair.fromServer(fromUs, 'data')).toHaveLength(10);
  });
});
