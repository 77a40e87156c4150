/**
 * The simulator as the other witness: it knows nothing of the closed forms, and may never be above
 * them, nor reap a living client within T; and where a bound is said to be reached, it comes close.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closedForms } from '../../model/bounds/forms.ts';
import { bounds, type Bound } from '../../model/bounds/index.ts';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { parseSeed, seedWords, type SeedWords } from '../../sim/random.ts';
import { RunPlayer, type RunRecord } from '../../sim/world/run.ts';
import { busy, fault, idle, live, saturated } from './scenarios.ts';
import { SEED } from '../support/seed.ts';

const WATCH_MS = 1_400_000;

function words(text: string): SeedWords {
  const seed = parseSeed(text, 'seed');
  if (!seed.ok) throw new Error('not a seed');
  return seedWords(seed.value);
}

/** Durations after the fault of each run, ms; Infinity = not within the watch. */
function lives(policy: Policy, scenario: Scenario, runs: number, read: (r: RunRecord) => void) {
  const player = new RunPlayer(policy, scenario, WATCH_MS, false);
  for (let run = 0; run < runs; run += 1) {
    player.play(words('7'), run);
    read(player.record);
  }
}

/** What contradicts a bound: later than it says, or not at all though it is in reach. */
function contradiction(instant: string, ms: number, { maxMs }: Bound): string[] {
  const said = `${instant} after ${ms} ms, bound ${maxMs}`;
  if (ms === Infinity) return maxMs !== null && maxMs < WATCH_MS ? [said] : [];
  return ms > (maxMs ?? Infinity) + 0.001 ? [said] : [];
}

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((s) => s * 1000);
const lost = fc.constantFrom({}, {}, {}, { lost: 'timer' }, { lost: 'verdict' });

const sweeps = fc.record({
  kind: fc.constant('sweep'),
  intervalMs: seconds(1, 60),
  timer: fc.constantFrom('shared', 'per-connection'),
  ping: fc.constant(true),
  life: fc.constantFrom(['pong'], ['pong', 'message'], ['any-byte']),
});
const pings = fc.record({
  kind: fc.constant('ping'),
  intervalMs: seconds(1, 60),
  after: fc.constantFrom('last-ping', 'last-reply', 'last-received'),
  replyTimeoutMs: seconds(1, 20),
  replyClock: fc.constantFrom('enqueued', 'written'),
  life: fc.constantFrom(['pong'], ['any-byte']),
});
const stalls = fc.record({
  kind: fc.constant('send-stall'),
  progress: fc.constantFrom('bytes-acked', 'application-ack'),
  graceMs: seconds(3, 40),
  everyMs: fc.integer({ min: 300, max: 3_000 }),
});
const keepalives = fc.record({
  kind: fc.constant('keepalive'),
  idleMs: seconds(1, 40),
  intervalMs: seconds(1, 20),
  probes: fc.integer({ min: 1, max: 6 }),
});
const userTimeouts = fc.record({
  kind: fc.constant('user-timeout'),
  timeoutMs: fc.integer({ min: 500, max: 60_000 }),
});

const policies = fc
  .tuple(
    fc.array(fc.tuple(fc.oneof(sweeps, pings, stalls), lost), { maxLength: 2 }),
    fc.option(fc.tuple(keepalives, lost), { nil: undefined }),
    fc.option(fc.tuple(userTimeouts, lost), { nil: undefined }),
  )
  .map(([own, keepalive, userTimeout]) => {
    const all = [...own, keepalive, userTimeout].filter((one) => one !== undefined);
    const mechanisms = all.map(([mechanism, loss]) => ({ ...mechanism, ...loss }));
    return definePolicy({ name: 'random', mechanisms } as Parameters<typeof definePolicy>[0]);
  });

const kernels = fc.record({ hz: fc.constantFrom(100, 250, 1000), profile: fc.constant('6.18') });
const paths = fc.record({ rttMs: fc.constantFrom(1, 20, 50, 90) });

describe('B', () => {
  const faults = fc.record({
    fault: fc.constantFrom(
      { kind: 'vanish', direction: 'both' },
      { kind: 'vanish', direction: 'client-to-server' },
      { kind: 'freeze' },
      { kind: 'reboot', downMs: 8_000 },
      { kind: 'crash' },
    ),
    load: fc.constantFrom(idle, idle, busy, saturated),
    path: paths,
    kernel: kernels,
  });
  test('no ghost of any policy lives longer, at any of its four instants', () => {
    fc.assert(
      fc.property(policies, faults, (policy, changes) => {
        const scenario = fault(changes as Parameters<typeof fault>[0]);
        const { decided, closed, kernelClosed, released } = bounds(policy, scenario);
        const contradictions: string[] = [];
        lives(policy, scenario, 6, (r) => {
          if (r.falseReap || r.faultAtUs === Infinity) return;
          const after = (us: number): number => (us - r.faultAtUs) / 1000;
          contradictions.push(
            ...contradiction('decided', after(r.decidedAtUs), decided),
            ...contradiction('closed', after(r.closedAtUs), closed),
            ...contradiction('kernel closed', after(r.kernelClosedAtUs), kernelClosed),
            ...contradiction('released', after(r.releasedAtUs), released),
          );
        });
        expect(contradictions).toEqual([]);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });

  test.each([
    ['alive-flag-sweep', 'vanish-idle', 50],
    ['sweep-lost-and-pong-timer', 'vanish-idle', 50],
    ['engine.io-v4-server', 'vanish-idle', 50],
    ['keepalive-10-5-3', 'vanish-idle', 50],
    ['keepalive-10-5-3-user-timeout-20s', 'vanish-idle', 50],
    ['none', 'vanish-busy', 50],
    ['user-timeout-20s', 'vanish-busy', 50],
    // The sum of several independent phases: its ends are rare.
    ['send-stall-watchdog', 'vanish-busy', 10],
    ['user-timeout-20s', 'vanish-saturated', 10],
    ['keepalive-go-15s', 'reboot', 50],
  ])('%s on %s comes within 1/%i of its range to both ends', (p, s, part) => {
    const [policy, scenario] = [presets[p], scenarios[s]];
    if (policy === undefined || scenario === undefined) throw new Error('no such cell');
    const { minMs, maxMs } = closedForms(policy, scenario).decided;
    const seen: number[] = [];
    lives(policy, scenario, 1_600, (r) => seen.push((r.decidedAtUs - r.faultAtUs) / 1000));
    const slack = ((maxMs ?? 0) - (minMs ?? 0)) / part + 8;
    expect(Math.max(...seen)).toBeGreaterThan((maxMs ?? 0) - slack);
    expect(Math.min(...seen)).toBeLessThan((minMs ?? 0) + 2 * slack);
  });
});

describe('T', () => {
  const silences = fc.constantFrom(
    { of: (lengthMs: number) => ({ kind: 'outage', lengthMs }) as const, load: idle },
    { of: (lengthMs: number) => ({ kind: 'outage', lengthMs }) as const, load: busy },
    { of: (lengthMs: number) => ({ kind: 'outage', lengthMs }) as const, load: saturated },
    { of: (lengthMs: number) => ({ kind: 'application-pause', lengthMs }) as const, load: busy },
    { of: (lengthMs: number) => ({ kind: 'server-starved', lengthMs }) as const, load: busy },
    {
      of: (lengthMs: number) =>
        ({ kind: 'slow-reader', bytesPerSecond: 100_000, lengthMs }) as const,
      load: saturated,
    },
  );
  test('no living client is reaped in a silence of that length', () => {
    fc.assert(
      fc.property(policies, silences, paths, kernels, (policy, silence, path, kernel) => {
        const changes = { load: silence.load, path, kernel } as Parameters<typeof live>[1];
        const { maxMs, proved } = bounds(policy, live(silence.of(10_000), changes)).tolerance;
        const lengthMs = Math.ceil(Math.min(maxMs ?? 100_000, 100_000)) - 1;
        const outcomes: string[] = [];
        if (proved && lengthMs >= 1) {
          lives(policy, live(silence.of(lengthMs), changes), 6, (r) => outcomes.push(r.outcome));
        }
        expect(outcomes).not.toContain('reaped');
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
});
