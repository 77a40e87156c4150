/** How a receive buffer grows: the receiver's estimate of the round trip, and the window it makes room for. */
import { describe, expect, it } from 'vitest';
import { receiverRtt8, windowWanted } from '../../model/linux/receive-space.ts';

describe('the round trip as the receiver sees it (tcp_rcv_rtt_update)', () => {
  it('takes the first sample, then the shortest window', () => {
    expect(receiverRtt8(0, 50_000, true, false, '6.18')).toBe(400_000);
    expect(receiverRtt8(400_000, 40_000, true, false, '6.18')).toBe(320_000);
    expect(receiverRtt8(400_000, 90_000, true, false, '6.18')).toBe(400_000);
  });

  it('follows timestamps by an eighth, since 6.16 only while nothing lies unread', () => {
    expect(receiverRtt8(400_000, 58_000, false, false, '6.18')).toBe(408_000);
    expect(receiverRtt8(400_000, 58_000, false, true, '6.12')).toBe(408_000);
    expect(receiverRtt8(400_000, 58_000, false, true, '6.18')).toBe(400_000);
  });
});

describe('the window to make room for (tcp_rcvbuf_grow)', () => {
  it('is twice what was read, and as much again as the sender may speed up by', () => {
    expect(windowWanted(14_480, 14_480, 1_448, '6.18')).toBe(28_960);
    expect(windowWanted(28_960, 14_480, 1_448, '6.18')).toBe(3 * 57_920);
    expect(windowWanted(14_480, 14_480, 1_448, '6.12')).toBe(28_960 + 16 * 1_448);
  });
});
