/** The last retransmission that an outage is bridged by, over all phases, against arithmetic. */
import { expect, test } from 'vitest';
import { bridgedOutageMs } from '../../model/bounds/kernel/bridge.ts';
import type { Flight } from '../../model/bounds/kernel/episode.ts';
import { kernelRules } from '../../model/bounds/kernel/kernel-rules.ts';
import { fault, withRtt } from './scenarios.ts';

const LONE: Flight = { start: 'lone', everyMs: null };

function rulesAt(rttMs: number, hz: 100 | 250 | 1000) {
  return kernelRules(withRtt(fault({ kernel: { hz } }), rttMs));
}

test('an outage is bridged by the last retransmission that comes back in time', () => {
  // Without the wheel, at 50 ms: loss probe 0.252 s, RTO 0.504, then 0.504 + 0.504 · (2^k − 1) …:
  // 1.008, 2.016, 4.032, 8.064, 16.128, 32.256. Of these 16.128 is the last below 30 s.
  const bridged = bridgedOutageMs(rulesAt(50, 250), LONE, 30_000);
  expect(bridged).toBeGreaterThanOrEqual(16_128);
  expect(bridged).toBeLessThan(16_128 * 1.03);
  expect(bridgedOutageMs(rulesAt(50, 250), LONE, 10_000)).toBeLessThan(8_064 * 1.03);
  expect(bridgedOutageMs(rulesAt(50, 250), LONE, 100)).toBe(0);
});

test('a patience of days reads the same schedule: one longest wait more, one retransmission more', () => {
  // 120 s at HZ 250: 30 000 jiffies and one up to a bucket of 512, from edge to edge 59 · 512 = 30 208 = 120.832 s.
  const rules = rulesAt(50, 250);
  const hour = bridgedOutageMs(rules, LONE, 3_600_000);
  expect(hour).toBeGreaterThan(3_600_000 - 50 - 120_832 - 2_048);
  for (const waits of [1, 10, 700]) {
    const longer = bridgedOutageMs(rules, LONE, 3_600_000 + waits * 120_832);
    expect(longer).toBe(hour + waits * 120_832);
  }
  const year = 365 * 24 * 3_600_000;
  expect(bridgedOutageMs(rules, LONE, year)).toBeGreaterThan(year - 50 - 120_832 - 2_048);
});
