/**
 * The numbers the founding systems stand on, end to end: policy, scenario, kernel, wire, clock. Each
 * expectation is arithmetic written beside it. Round trip 50 ms, 250 ticks a second.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow, RunEvent, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';

const RUNS = 300;
/** Half a round trip: what left the client before the cut still counts. */
const EDGE_MS = 25;

function policyNamed(name: string): Policy {
  const policy = presets[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

function cell(policy: string | Policy, scenario: string, runs = RUNS): ComparisonRow {
  const { rows } = compare({
    policies: [typeof policy === 'string' ? policyNamed(policy) : policy],
    scenarios: [scenarioNamed(scenario)],
    runs,
    seed: 20n,
  });
  return rows[0] as ComparisonRow;
}

function run(policy: string | Policy, scenario: string, number = 0): RunResult {
  return simulate(
    typeof policy === 'string' ? policyNamed(policy) : policy,
    scenarioNamed(scenario),
    { seed: 20n, run: number, trace: true },
  );
}

/** Whether every ghost lies within [lowMs, highMs], and some within a second of either end. */
function spans({ ghostMs }: ComparisonRow, lowMs: number, highMs: number): boolean {
  const { min, max, samples } = ghostMs;
  if (samples !== RUNS || min === null || max === null) return false;
  return min >= lowMs && min < lowMs + 1_000 && max <= highMs && max > highMs - 1_000;
}

describe('the alive-flag sweep against a peer that vanishes idle', () => {
  // The last answered ping left at τ ∈ (F − 25 ms − 30 s, F − 25 ms]: the tick at τ + 30 s clears the
  // flag, the one at τ + 60 s reaps. So a ghost lives 30 s … 60 s, less half a round trip.
  it.each(['alive-flag-sweep', 'ws-heartbeat-per-connection'])(
    '%s: 30 s … 60 s, not 30 s',
    (name) => {
      expect(spans(cell(name, 'vanish-idle'), 30_000 - EDGE_MS, 60_000 - EDGE_MS)).toBe(true);
    },
  );

  it('with a 10 s pong timer: the first lost ping leaves within 30 s, so 10 s … 40 s', () => {
    const row = cell('sweep-and-pong-timer', 'vanish-idle');
    expect(spans(row, 10_000 - EDGE_MS, 40_000 - EDGE_MS)).toBe(true);
  });

  it('whose timer has died notices nothing; the pong timer alone still takes 40 s at most', () => {
    const lost = cell('alive-flag-sweep-lost', 'vanish-idle');
    expect(lost.ghostMs).toMatchObject({ samples: 0, undetected: RUNS });
    const row = cell('sweep-lost-and-pong-timer', 'vanish-idle');
    expect(spans(row, 10_000 - EDGE_MS, 40_000 - EDGE_MS)).toBe(true);
  });
});

/** When the server's kernel last received something: the client's last packet that arrived. */
function lastReceivedMs(events: readonly RunEvent[]): number {
  const arrived = events.filter((e) => e.event === 'packet' && e['from'] === 'client');
  return (arrived.at(-1)?.atMs ?? 0) + EDGE_MS;
}

describe('kernel timers', () => {
  const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 } as const;
  const withUserTimeout = (timeoutMs: number): Policy =>
    definePolicy({
      name: `keepalive-and-${timeoutMs}`,
      title: 'keepalive and a user timeout',
      mechanisms: [keepalive, { kind: 'user-timeout', timeoutMs }],
    });

  // 10 s is 2500 jiffies and 5 s is 1250: wheel level 2, buckets of 64 jiffies = 256 ms. The first
  // expiry is up to 256 ms late and on a multiple of the bucket; each further one then takes exactly
  // 1280 jiffies = 5.12 s. One tick of 4 ms for the jiffy in which the last segment came.
  it.each([
    { policy: policyNamed('keepalive-10-5-3'), checks: 3, nominal: 25_000 },
    { policy: policyNamed('keepalive-10-5-3-user-timeout-20s'), checks: 2, nominal: 20_000 },
    { policy: withUserTimeout(10_000), checks: 1, nominal: 15_000 },
  ])('$policy.name idle: $nominal ms after the last segment, plus the wheel', (row) => {
    for (let number = 0; number < 25; number += 1) {
      const result = run(row.policy, 'vanish-idle', number);
      const afterMs = (result.decidedAtMs ?? Infinity) - lastReceivedMs(result.events);
      expect(afterMs).toBeGreaterThanOrEqual(row.nominal);
      expect(afterMs).toBeLessThanOrEqual(10_000 + 256 + 4 + row.checks * 5_120);
      expect(result.reason).toContain('ETIMEDOUT');
    }
  });

  // RTO = 50 ms + 200 ms; PTO = 2 · 50 ms + 200 ms, but never later than the RTO. Each is 63 ticks, one for the tick in
  // progress, and up to seven of the wheel, which takes timers of 64 ticks in eights; then 20 s from that first RTO
  // retransmission; the last timer lies within the clamp, below 16 s on a level of 256 ms.
  it('user timeout 20 s, busy: first RTO retransmission + 20 s, plus the wheel', () => {
    for (let number = 0; number < 25; number += 1) {
      const result = run('user-timeout-20s', 'vanish-busy', number);
      const acked = result.events.filter((e) => e.event === 'packet' && e['from'] === 'client');
      const una = Math.max(...acked.map((e) => Number(e['ack'])));
      const write = result.events.find(
        (e) => e['from'] === 'server' && Number(e['length']) > 0 && Number(e['seq']) >= una,
      );
      const afterMs = (result.decidedAtMs ?? Infinity) - (write?.atMs ?? 0);
      expect(afterMs).toBeGreaterThanOrEqual(250 + 250 + 20_000);
      expect(afterMs).toBeLessThanOrEqual(2 * 4 * (63 + 1 + 7) + 20_000 + 256);
    }
  });
});

describe('a frozen client on a locked send path', () => {
  it('is not found by a library ping that waits for the lock', () => {
    const { ghostMs } = cell('alive-flag-sweep', 'wedged-send-path');
    // Only where a tick fell so shortly before the freeze that its pong was still to come does the
    // next tick, one interval later, find the flag false before it would ping: the load takes the
    // lock 250 ms before the freeze, and 250 ms of 30 s is less than 1 % of all phases. Or a tick so soon after it that the
    // buffers were still filling, and the ping got through: that takes a few round trips.
    expect(ghostMs.undetected).toBeGreaterThanOrEqual(0.98 * RUNS);
    expect(ghostMs.max ?? 30_000).toBeLessThanOrEqual(30_000 + 5 * 50);
    const after = run('alive-flag-sweep', 'wedged-send-path').events.map((e) => e.event);
    expect(after.slice(after.indexOf('frozen'))).toContain('ping-waits-for-lock');
  });

  it('holds about 2.6 MB, and the watchdog frees the seat after its grace', () => {
    const room = 2_621_440;
    const lives = Array.from({ length: 20 }, (_, number) =>
      run('send-stall-watchdog', 'wedged-send-path', number).events.flatMap((e) =>
        e.event === 'socket-sampled' ? [Number(e['queueBytes'])] : [],
      ),
    );
    // Memory is what fills the room: a buffer of 65 160 bytes costs its head, too.
    const most = Math.max(...lives.flat());
    expect(most).toBeGreaterThan(0.98 * room);
    expect(most).toBeLessThanOrEqual(room);
    // The last acknowledgements made less room than the third that wakes the writer (__sk_stream_is_writeable).
    for (const samples of lives) expect(samples.at(-1)).toBeGreaterThan((2 / 3) * room);
    const result = run('send-stall-watchdog', 'wedged-send-path');
    expect(result.outcome).toBe('reaped');
    // Bytes are acknowledged until the window closes, within seconds of the freeze; then
    // grace + one look: 31 s.
    const row = cell('send-stall-watchdog', 'wedged-send-path', 50);
    expect(row.ghostMs.max).toBeLessThanOrEqual(31_000 + 5_000);
    expect(row.ghostMs.min).toBeGreaterThan(30_000 - 1_000);
  });
});

describe('living clients', () => {
  it.each([
    'live-active',
    'live-active-then-close',
    'live-paused-78s',
    'live-trickle-78s',
    'live-plateau-queue',
    'live-starved-lock',
  ])('send stall by acked bytes leaves %s alone', (name) => {
    const row = cell('send-stall-watchdog', name, 20);
    expect(row.falseReaps).toEqual({ count: 0, samples: 20 });
  });

  it('send stall by acked bytes leaves a clean close alone', () => {
    const result = run('send-stall-watchdog', 'close-clean');
    expect(result.outcome).toBe('closed');
    expect(result.reason).toBe('closing handshake by the peer');
  });

  it('the queue-only watchdog kills the plateau client, every time', () => {
    const row = cell('queue-stall-watchdog', 'live-plateau-queue', 20);
    expect(row.falseReaps).toEqual({ count: 20, samples: 20 });
  });

  it('the application-acknowledgement watchdog kills the starved one, every time', () => {
    const row = cell('ack-stall-watchdog', 'live-starved-lock', 20);
    expect(row.falseReaps).toEqual({ count: 20, samples: 20 });
  });
});

describe('shutdown with two ghosts', () => {
  it('without a deadline hangs until somebody kills it by hand', () => {
    const row = cell('drain-unbounded', 'drain-with-ghosts', 50);
    expect(row.ghostMs).toMatchObject({ samples: 0, undetected: 50 });
  });

  it('with TimeoutStopSec=15 takes 15 s from SIGTERM', () => {
    const result = run('drain-15s', 'drain-with-ghosts');
    const sigterm = result.events.find((e) => e.event === 'sigterm');
    expect((result.decidedAtMs ?? 0) - (sigterm?.atMs ?? 0)).toBeCloseTo(15_000, 6);
    expect(result.reason).toBe('SIGKILL at the drain deadline');
    // SIGTERM comes 10 s after the ghosts.
    expect(cell('drain-15s', 'drain-with-ghosts', 50).ghostMs).toMatchObject({
      min: 25_000,
      max: 25_000,
    });
  });
});
