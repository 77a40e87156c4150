/** The schedule of retransmissions over all phases, against arithmetic and against recorded kernels. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kernelRules, type KernelRules } from '../../model/bounds/kernel/kernel-rules.ts';
import { bridgedOutageMs } from '../../model/bounds/kernel/bridge.ts';
import type { Flight, PhaseRange } from '../../model/bounds/kernel/episode.ts';
import { orphanDeath, retransmissionDeath } from '../../model/bounds/kernel/retransmission.ts';
import { finWait2 } from '../../model/bounds/ends/release.ts';
import { fault, withRtt } from './scenarios.ts';

const LONE: Flight = { start: 'lone', everyMs: null };

function rulesAt(rttMs: number, hz: 100 | 250 | 1000, sysctls: Record<string, number> = {}) {
  return kernelRules(withRtt(fault({ kernel: { hz, serverSysctls: sysctls } }), rttMs));
}

function withoutLossProbe(rules: KernelRules): KernelRules {
  return { ...rules, tailLossProbe: false };
}

/** Both ends in seconds; random phases come within a hundredth of a second of them. */
function window(range: PhaseRange): [unknown, unknown] {
  return [range.minMs / 1000, range.maxMs / 1000];
}
const near = ([min, max]: readonly [number, number]) => [
  expect.closeTo(min, 1.7) as unknown,
  expect.closeTo(max, 1.7) as unknown,
];

describe('death with data in flight, over all phases at a round trip of 0.5 ms', () => {
  // Monte Carlo of tcp_retransmit_timer, retransmits_timed_out and the wheel over random phases gives these
  // windows, in seconds from the write. A lone RTO is 204 ms at HZ 250, 201 ms at HZ 1000.
  test.each([
    [250, {}, null, [937.69, 939.74]],
    [250, { 'net.ipv4.tcp_retries2': 8 }, null, [106.2, 108.25]],
    [250, { 'net.ipv4.tcp_retries2': 5 }, null, [13.28, 13.53]],
    [250, {}, 20_000, [20.42, 20.67]],
    [250, {}, 5_000, [5.42, 5.67]],
    [1000, { 'net.ipv4.tcp_retries2': 8 }, null, [104.15, 108.25]],
    [1000, { 'net.ipv4.tcp_retries2': 5 }, null, [13.02, 13.53]],
    [1000, {}, 20_000, [20.42, 20.93]],
    [1000, {}, 5_000, [5.42, 5.48]],
  ] as const)('HZ %i, %o, user timeout %s ms', (hz, sysctls, userTimeoutMs, expected) => {
    const death = retransmissionDeath(rulesAt(0.5, hz, sysctls), LONE, userTimeoutMs);
    expect(window(death)).toEqual(near(expected));
  });

  test('without a loss probe everything comes one RTO earlier', () => {
    const rules = withoutLossProbe(rulesAt(0.5, 250));
    expect(window(retransmissionDeath(rules, LONE, null))).toEqual(near([937.48, 939.53]));
    expect(window(retransmissionDeath(rules, LONE, 5_000))).toEqual(near([5.21, 5.46]));
  });
});

describe('recorded kernels lie inside the window', () => {
  interface Recording {
    readonly config: { readonly rtt_ms: number; readonly server_sysctls: Record<string, number> };
    readonly hz: 250;
    readonly log: readonly { readonly t: number; readonly ev: string; readonly what?: string }[];
  }
  const recording = (name: string): Recording =>
    JSON.parse(
      readFileSync(new URL(`../kernel-traces/${name}.json`, import.meta.url), 'utf8'),
    ) as Recording;

  test.each([
    ['busy-retries2-default-15', null],
    ['busy-retries2-8', null],
    ['busy-retries2-5', null],
    ['busy-usertimeout-20', 20_000],
    ['busy-usertimeout-5-rtt1', 5_000],
    ['rtomax-5s-retries2-8', null],
  ])('%s', (name, userTimeoutMs) => {
    const { config, hz, log } = recording(name);
    const rules = rulesAt(config.rtt_ms, hz, config.server_sysctls);
    const wrote = log.find((entry) => entry.ev === 'do' && entry.what === 'write');
    const died = log.find((entry) => entry.ev === 'error');
    const tookMs = ((died?.t ?? 0) - (wrote?.t ?? 0)) * 1000;
    const { minMs, maxMs } = retransmissionDeath(rules, LONE, userTimeoutMs);
    // The recorder reads its clock up to a few ms after the kernel's tick.
    expect(tookMs).toBeGreaterThan(minMs);
    expect(tookMs).toBeLessThan(maxMs + 2 * rules.tickMs);
  });

  test('fin-wait1-dead-peer: the orphan of a lone FIN', () => {
    const { config, hz, log } = recording('fin-wait1-dead-peer');
    const { minMs, maxMs } = orphanDeath(rulesAt(config.rtt_ms, hz), LONE, 0, null);
    const closed = log.find((entry) => entry.ev === 'closed');
    const tookMs = ((log.at(-1)?.t ?? 0) - (closed?.t ?? 0)) * 1000;
    // The kernel's list of sockets was read twice a second.
    expect(tookMs).toBeGreaterThan(minMs);
    expect(tookMs).toBeLessThan(maxMs + 500);
  });
});

test('FIN_WAIT2 of an orphan: 60 s as they are, more than 60 s twice the excess', () => {
  const at = (seconds: number): number =>
    finWait2(rulesAt(50, 250, { 'net.ipv4.tcp_fin_timeout': seconds })).maxMs / 1000;
  // 15000 jiffies sit on the wheel's level of 512: up to 2.048 s late.
  expect(at(60)).toBeCloseTo(60 + 2.048, 3);
  // 65 s: 5 s on the socket and 5 s on the light one, 1250 jiffies each, level of 64: 256 ms late each.
  expect(at(65)).toBeCloseTo(2 * (5 + 0.256), 3);
});

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
