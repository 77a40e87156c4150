/** B where the answer can be worked out by hand; the arithmetic stands beside each row. */
import { describe, expect, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { busy, expectBound, fault, idle, saturated, withRtt } from './scenarios.ts';

function policy(name: string): Policy {
  const found = presets[name];
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
}
function scenario(name: string): Scenario {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}
const decided = (p: string | Policy, s: string | Scenario) =>
  bounds(typeof p === 'string' ? policy(p) : p, typeof s === 'string' ? scenario(s) : s).decided;

/** Reply time 0: no round trip at all. */
const gone = withRtt(fault(), 0);

describe('a peer that vanishes while idle, reply time 0', () => {
  test.each([
    // Flag cleared at the first tick, found cleared at the second: 30 s … 2 · 30 s.
    ['alive-flag-sweep', 60_000],
    // Next ping within 30 s, verdict 10 s after it.
    ['sweep-and-pong-timer', 40_000],
    ['sweep-lost-and-pong-timer', 40_000],
    // 25 s to the next ping, 20 s of patience.
    ['engine.io-v4-server', 45_000],
    ['ws-heartbeat-per-connection', 60_000],
  ] as const)('%s: %i ms', (name, maxMs) => {
    expectBound(decided(name, gone), maxMs);
  });

  test.each(['alive-flag-sweep-lost', 'none', 'user-timeout-20s', 'send-stall-watchdog'])(
    '%s: never, for nothing is in flight',
    (name) => {
      expectBound(decided(name, gone), null);
    },
  );

  test('a round trip moves the sweep earlier by the half that the last pong had still to go', () => {
    const span = decided('alive-flag-sweep', fault({ path: { rttMs: 200 } }));
    expectBound(span, 59_900);
  });

  test('a message counts: the last one may arrive half a round trip after the fault', () => {
    const chatter = { kind: 'periodic', bytes: 64, everyMs: '1s', direction: 'both' } as const;
    const span = decided('alive-flag-sweep', fault({ load: chatter, path: { rttMs: 100 } }));
    // Last message in (50 − 1000, 50]; the second tick after it: up to two intervals later.
    expectBound(span, 60_050);
  });

  test('grpc: 5 s without a byte, then 1 s', () => {
    expect(decided('grpc-5s-1s', gone).maxMs).toBe(6_000);
  });
});

describe('keepalive, counted from the last segment received', () => {
  // Per check the wheel may be late by a bucket, 10 s and 5 s lie on the level of 64 jiffies, 256 ms, and by the tick in
  // progress, 4 ms. The last segment heard may be the one that opened the connection, half a round trip after the fault.
  test.each([
    ['keepalive-10-5-3', 10 + 3 * 5, 4],
    ['keepalive-10-5-3-user-timeout-20s', 10 + 2 * 5, 3],
    ['keepalive-10-5-3-user-timeout-10s', 10 + 5, 2],
    ['keepalive-go-15s', 15 + 9 * 15, 10],
  ])('%s: %i s and the wheel', (name, nominalS, checks) => {
    const { maxMs } = decided(name, gone);
    expect(maxMs).toBeGreaterThanOrEqual(nominalS * 1000);
    expect(maxMs).toBeLessThanOrEqual(nominalS * 1000 + checks * (256 + 4) + 25);
  });

  test('Linux defaults: 7200 + 9 · 75 s, and up to 131 s of wheel for the first', () => {
    const { maxMs } = decided('keepalive-linux-default', gone);
    expect(maxMs).toBeGreaterThanOrEqual(7_875_000);
    expect(maxMs).toBeLessThanOrEqual(7_875_000 + 131_072 + 9 * 2_048 + 10 * 4 + 25);
  });

  test('defers while data is in flight: the busy ghost is left to the kernel', () => {
    expect(decided('keepalive-10-5-3', fault({ load: busy })).by).toBe('tcp_retries2');
  });

  test('a heartbeat puts data in flight, so keepalive alone cannot bound its ghost', () => {
    const both = definePolicy({
      name: 'heartbeat-and-keepalive',
      mechanisms: [
        ...policy('alive-flag-sweep-lost').mechanisms.map((m) => ({ ...m, lost: 'verdict' })),
        ...policy('keepalive-10-5-3').mechanisms,
      ] as Policy['mechanisms'],
    });
    expect(decided(both, gone).by).toBe('tcp_retries2');
  });
});

describe('data in flight', () => {
  test('user timeout 20 s, busy, 50 ms: PTO 252 + RTO 252 ms after the write, 20 s, and the wheel', () => {
    const { maxMs } = decided('user-timeout-20s', 'vanish-busy');
    // The first lost write leaves up to 475 ms after the fault.
    expect(maxMs).toBeGreaterThanOrEqual(475 + 504 + 20_000);
    // Level of 32 ms for the two first timers, of 256 ms for the last.
    expect(maxMs).toBeLessThanOrEqual(1.02 * (475 + 504 + 20_000 + 2 * 36 + 256));
  });

  test('tcp_retries2 = 15 is a time, 924.6 s after the first retransmission, at the least', () => {
    const { maxMs, by } = decided('none', 'vanish-busy');
    expect(by).toBe('tcp_retries2');
    expect(maxMs).toBeGreaterThan(924_600);
    expect(maxMs).toBeLessThan(924_600 + 504 + 475 + 120_832);
  });

  test('a ping whose verdict is lost still puts data in flight, and the kernel kills', () => {
    const pings = definePolicy({
      name: 'verdict-lost',
      mechanisms: policy('alive-flag-sweep').mechanisms.map((m) => ({
        ...m,
        lost: 'verdict' as const,
      })),
    });
    const { maxMs, by } = decided(pings, 'vanish-idle');
    expect(by).toBe('tcp_retries2');
    // Up to 30 s to the ping, then the same as a write.
    expect(maxMs).toBeGreaterThan(30_000 + 924_600);
    expect(maxMs).toBeLessThan(30_000 + 924_600 + 504 + 120_832);
  });
});

describe('send stall', () => {
  test('busy: the grace of 30 s from the first lost write, seen within the second between looks', () => {
    expectBound(decided('send-stall-watchdog', 'vanish-busy'), 475 + 31_000);
  });
  test('a grace that is no whole number of looks is rounded up', () => {
    const stall = definePolicy({
      name: 'stall',
      mechanisms: [{ kind: 'send-stall', progress: 'bytes-acked', graceMs: '2.5s', everyMs: '1s' }],
    });
    expectBound(decided(stall, withRtt(fault({ load: busy }), 0)), 4_500);
  });
});

describe('a frozen client', () => {
  test('its kernel answers: keepalive and user timeout see nothing while it is idle', () => {
    const quiet = fault({ fault: { kind: 'freeze' }, load: idle });
    expect(decided('keepalive-10-5-3-user-timeout-20s', quiet).maxMs).toBeNull();
    expectBound(decided('alive-flag-sweep', quiet), 59_975);
  });
  test('saturated: the window closes, and only a user timeout makes the kernel mind', () => {
    const full = fault({ fault: { kind: 'freeze' }, load: saturated });
    expect(decided('none', full).maxMs).toBeNull();
    const { maxMs } = decided('user-timeout-20s', full);
    // First probe one RTO (252 ms) after the window has closed, which takes at most nine times 98 ms. What was left of
    // it may be less than a write: then the first probe of two timeouts (320 ms each, late answers and wheel) fills it.
    expect(maxMs).toBeGreaterThanOrEqual(20_252);
    expect(maxMs).toBeLessThanOrEqual(20_000 + 256 + 320 + 9 * 98 + 64 + 50 + 2 * 320);
  });
  test('on a locked send path the ping waits for the lock, and so does whoever would judge', () => {
    expect(decided('alive-flag-sweep', 'wedged-send-path').maxMs).toBeNull();
    expect(decided('sweep-and-pong-timer', 'wedged-send-path').maxMs).toBeNull();
    // Grace and look are 31 s; the window shuts within 1.4 s, and the probe that fills its rest comes up to 0.7 s later.
    expect(decided('send-stall-watchdog', 'wedged-send-path').maxMs).toBeLessThan(33_100);
  });
});

describe('peers that speak, and stories', () => {
  test('a crash and a goodbye arrive half a round trip later', () => {
    expect(decided('none', 'crash').maxMs).toBe(25);
    expect(decided('none', 'close-clean').maxMs).toBe(25);
  });
  test('a rebooted host resets the first segment after its return', () => {
    expect(decided('none', 'reboot').maxMs).toBeNull();
    const { maxMs } = decided('keepalive-go-15s', 'reboot');
    // Down for 30 s; a probe every 15 s (15.104 on the wheel) and the reset one half round trip later.
    expect(maxMs).toBeGreaterThanOrEqual(30_025);
    expect(maxMs).toBeLessThanOrEqual(30_000 - 25 + 15_360 + 50);
  });
  test('the drain ends at its deadline or not at all', () => {
    expect(decided('drain-15s', 'drain-with-ghosts').maxMs).toBe(10_000 + 15_000);
    expect(decided('drain-unbounded', 'drain-with-ghosts').maxMs).toBeNull();
  });
  test('the first query on a forgotten flow hangs for tcp_retries2', () => {
    const { maxMs } = decided('none', 'pool-behind-nat');
    // 25 min from the flow's end to the query, then 924.6 s at the least.
    expect(maxMs).toBeGreaterThan(25 * 60_000 + 924_600);
  });
});

describe('after the decision', () => {
  test('a destroyed ghost leaves an orphan for at least 102.2 s after its first retransmission', () => {
    const {
      decided: at,
      closed,
      kernelClosed,
      released,
    } = bounds(policy('sweep-and-pong-timer'), scenario('vanish-idle'));
    expect(closed.maxMs).toBe(at.maxMs);
    expect(kernelClosed.maxMs).toBe(at.maxMs);
    // The ping went out 10 s before the decision; PTO and RTO of it, then model(8) = 102.2 s.
    expect(released.maxMs).toBeGreaterThan(-25 + 504 + 102_200);
  });
  test("a frozen peer's kernel takes the FIN: FIN_WAIT2 for 60 s, up to 2.048 s late", () => {
    const { released } = bounds(policy('alive-flag-sweep'), scenario('frozen-idle'));
    // The FIN's acknowledgement may be delayed: TCP_DELACK_MIN of 40 ms, and a tick of 4.
    expectBound(released, 59_975 + 50 + 40 + 4 + 60_000 + 2_048);
  });
  test('where the kernel gave up nothing is left', () => {
    const all = bounds(policy('keepalive-10-5-3'), scenario('vanish-idle'));
    expect(all.released.maxMs).toBe(all.decided.maxMs);
  });
  test('an orderly end waits 30 s for a Close frame that no ghost sends', () => {
    const idleOnly = definePolicy({
      name: 'idle-only',
      mechanisms: [{ kind: 'idle', timeoutMs: '15s' }],
    });
    expect(bounds(idleOnly, gone).closed.maxMs).toBe(15_000 + 30_000);
  });
});
