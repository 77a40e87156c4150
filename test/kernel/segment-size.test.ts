/** The MTU of the path decides how long a frozen peer goes unnoticed by a watch over the send queue: send buffers grow by the segment. */
import { describe, expect, it } from 'vitest';
import {
  burstSegments,
  offeredMss,
  payloadMss,
  sendMemoryPerSegment,
} from '../../model/linux/segment-size.ts';
import { Pair, recordOf } from './pair.ts';

describe('a segment', () => {
  it.each([
    [1500, 4, true, 1448],
    [1500, 4, false, 1460],
    [1500, 6, true, 1428],
    [9000, 4, true, 8948],
  ] as const)('on an MTU of %s, IPv%s, timestamps %s: %s bytes', (mtu, family, stamps, mss) => {
    expect(payloadMss(offeredMss(mtu, family), stamps)).toBe(mss);
  });

  it('counts for a power of two of memory', () => {
    expect(sendMemoryPerSegment(1460)).toBe(2304);
    expect(sendMemoryPerSegment(8960)).toBe(16_384 + 256);
  });

  it('is sent with others: two at 50 ms, as many as 64 KB hold to a neighbour', () => {
    expect(burstSegments(350_000, 50_000, 1448, 2)).toBe(2);
    expect(burstSegments(350_000, 100, 1448, 2)).toBe(45);
  });
});

describe('a frozen client, 2 KiB a second, until poll(2) says that there is no room', () => {
  // Measured on Linux 6.12, round trip near 0, with cubic: 58 s, 139 s and 869 s.
  it.each([
    [1500, 58],
    [9000, 139],
    [65_535, 869],
  ])('MTU %s: about %s s', (mtuBytes, measuredS) => {
    const config = { mtuBytes, offload: 'none', profile: '6.12', hz: 1000 } as const;
    const pair = new Pair({ rttUs: 100, config }).connect();
    pair.clientOwner.reading = false;
    let seconds = 0;
    while (pair.server.socket.pollOut() && seconds < 2_000) {
      pair.server.socket.write(2048);
      pair.runFor(1_000_000);
      seconds += 1;
    }
    expect(Math.abs(seconds - measuredS) / measuredS, `${seconds} s`).toBeLessThan(0.05);
  });

  it('an end without timestamps switches them off for both', () => {
    const pair = new Pair({ config: { sysctls: { 'net.ipv4.tcp_timestamps': 0 } } }).connect();
    expect([recordOf(pair.server).mss, recordOf(pair.client).mss]).toEqual([1460, 1460]);
  });
});
