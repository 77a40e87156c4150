/**
 * A comparison made by arithmetic, with the numbers the founding stories give: a 30 s sweep finds a
 * vanished peer uniformly in [30 s, 60 s), with a 10 s reply timer in [10 s, 40 s], keepalive
 * 10/5/3 between 15 and 25 s after the fault (25 s after the last segment), Go's up to
 * 15 + 9 × 15 = 150 s, Linux's up to 7200 + 9 × 75 = 7875 s.
 */
import type { Bounds } from '../../model/bounds/types.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison, ComparisonRow, RunEvent, RunResult } from '../../model/results/types.ts';
import type { Load, Scenario } from '../../model/scenario/types.ts';
import type { ReportInput } from '../../viz/data/types.ts';

export const RUNS = 1_000;
export const VERSION = '0.1.0';

/** Ascending order statistics of a uniform law on [from, to): i-th of n at (i + 1/2) / n. */
export function uniform(fromMs: number, toMs: number, n = 512): readonly number[] {
  return Array.from({ length: n }, (_, i) => fromMs + ((toMs - fromMs) * (i + 0.5)) / n);
}

export interface CellValues {
  readonly policy: string;
  readonly scenario: string;
  readonly kind?: 'fault' | 'live';
  readonly ghostMs?: readonly number[];
  readonly undetected?: number;
  readonly prevented?: number;
  readonly boundMs?: number | null;
  readonly toleranceMs?: number | null;
  readonly silenceMs?: number | null;
  readonly falseReaps?: number;
  readonly packetsPerHour?: number;
}

export function cell(values: CellValues): ComparisonRow {
  const ghost = values.ghostMs ?? [];
  const samples = ghost.length === 0 ? 0 : RUNS - (values.undetected ?? 0);
  const at = (q: number): number | null => ghost[Math.ceil(q * ghost.length) - 1] ?? null;
  const distribution = { min: ghost[0] ?? null, p50: at(0.5), p99: at(0.99), max: at(1), samples };
  const live = values.kind === 'live';
  return {
    policy: values.policy,
    scenario: values.scenario,
    kind: values.kind ?? 'fault',
    ghostMs: { ...distribution, undetected: live ? 0 : (values.undetected ?? 0) },
    releasedMs: { ...distribution, unreleased: live ? 0 : (values.undetected ?? 0) },
    proved: true,
    boundMs: values.boundMs ?? null,
    releaseBoundMs: values.boundMs ?? null,
    releaseProved: true,
    toleranceMs: values.toleranceMs ?? null,
    toleranceProved: true,
    silenceMs: values.silenceMs ?? null,
    falseReaps: { count: values.falseReaps ?? 0, samples: live ? RUNS : 0 },
    endedAlive: {
      count: values.falseReaps ?? 0,
      samples: RUNS,
      earliestMs: null,
      by: values.falseReaps === undefined ? null : 'sweep',
    },
    closedInOrder: 0,
    covered: true,
    watchedMs: 1_800_000,
    watchedOut: true,
    prevented: values.prevented ?? 0,
    cost: { packetsPerHour: values.packetsPerHour ?? 0, bytesPerHour: 0, wakeupsPerHour: 0 },
    ghostQuantilesMs: ghost,
    digest: '0',
  };
}

interface Line {
  readonly policy: string;
  readonly ghostMs?: readonly [number, number];
  readonly boundMs?: number;
  readonly outageMs?: number;
  readonly packetsPerHour?: number;
}

/** One line per founding policy on `vanish-idle` and on an outage of 29 s, idle. */
const LINES: readonly Line[] = [
  { policy: 'none' },
  {
    policy: 'alive-flag-sweep',
    ghostMs: [30_000, 60_000],
    boundMs: 60_000,
    outageMs: 29_000,
    packetsPerHour: 480,
  },
  { policy: 'alive-flag-sweep-lost' },
  {
    policy: 'sweep-and-pong-timer',
    ghostMs: [10_000, 40_000],
    boundMs: 40_000,
    outageMs: 6_500,
    packetsPerHour: 480,
  },
  {
    policy: 'sweep-lost-and-pong-timer',
    ghostMs: [10_000, 40_000],
    boundMs: 40_000,
    outageMs: 6_500,
    packetsPerHour: 480,
  },
  {
    policy: 'ws-heartbeat-per-connection',
    ghostMs: [30_000, 60_000],
    boundMs: 60_000,
    outageMs: 16_000,
    packetsPerHour: 480,
  },
  { policy: 'send-stall-watchdog' },
  { policy: 'queue-stall-watchdog' },
  { policy: 'ack-stall-watchdog' },
  {
    policy: 'keepalive-linux-default',
    ghostMs: [675_000, 7_875_000],
    boundMs: 7_900_000,
    outageMs: 600_000,
    packetsPerHour: 1,
  },
  {
    policy: 'keepalive-go-15s',
    ghostMs: [135_000, 150_000],
    boundMs: 151_000,
    outageMs: 134_000,
    packetsPerHour: 480,
  },
  {
    policy: 'keepalive-10-5-3',
    ghostMs: [15_000, 25_000],
    boundMs: 25_400,
    outageMs: 14_000,
    packetsPerHour: 720,
  },
  { policy: 'user-timeout-20s' },
  {
    policy: 'keepalive-10-5-3-user-timeout-20s',
    ghostMs: [10_000, 20_000],
    boundMs: 20_400,
    outageMs: 9_500,
    packetsPerHour: 720,
  },
  {
    policy: 'grpc-5s-1s',
    ghostMs: [1_000, 6_000],
    boundMs: 6_000,
    outageMs: 700,
    packetsPerHour: 2_880,
  },
  { policy: 'drain-unbounded' },
  { policy: 'drain-15s' },
];

export function comparison(): Comparison {
  const rows = LINES.flatMap(({ policy, ghostMs, boundMs, outageMs, packetsPerHour }) => [
    cell({
      policy,
      scenario: 'vanish-idle',
      boundMs: boundMs ?? null,
      ...(packetsPerHour === undefined ? {} : { packetsPerHour }),
      ...(ghostMs === undefined ? { undetected: RUNS } : { ghostMs: uniform(...ghostMs) }),
    }),
    cell({
      policy,
      scenario: 'live-outage-29s',
      kind: 'live',
      silenceMs: 29_000,
      toleranceMs: outageMs ?? null,
      falseReaps: outageMs !== undefined && outageMs < 29_000 ? 250 : 0,
    }),
  ]);
  return { schemaVersion: 1, seed: '1', runs: RUNS, warnings: [], rows };
}

export function policyOf(name: string): Policy {
  return {
    schemaVersion: 1,
    name,
    title: `The policy ${name}`,
    ...(name === 'alive-flag-sweep'
      ? { claim: 'finds a ghost within 30 s', truth: 'takes up to 60 s', source: 'ws, README' }
      : {}),
    mechanisms: [],
  };
}

const BASE = {
  schemaVersion: 1,
  tags: [],
  load: { kind: 'idle' } as Load,
  path: { rttMs: 50 },
  server: { sendPath: 'queued', userQueueBytes: 1_048_576, seats: null },
  kernel: { hz: 250, profile: '6.18', serverSysctls: {}, clientSysctls: {} },
  story: { kind: 'connection' },
  watchMs: 3_600_000,
} as const;

export const scenarios: readonly Scenario[] = [
  {
    ...BASE,
    name: 'vanish-idle',
    title: 'The peer vanishes; nobody was sending',
    claim: 'TCP notices by itself',
    truth: 'an idle connection without probes stands for ever',
    kind: 'fault',
    fault: { kind: 'vanish', direction: 'both' },
  },
  {
    ...BASE,
    name: 'live-outage-29s',
    title: 'Both directions cut for 29 s, then healed',
    kind: 'live',
    silence: { kind: 'outage', lengthMs: 29_000 },
  },
];

/** A sweep that misses one tick, pings into the void and reaps at the next but one. */
export function sweepRun(): RunResult {
  const at = (atMs: number, where: RunEvent['where'], event: string, more = {}): RunEvent => ({
    atMs,
    where,
    event,
    ...more,
  });
  return {
    schemaVersion: 1,
    policy: 'alive-flag-sweep',
    scenario: 'vanish-idle',
    seed: '1',
    outcome: 'reaped',
    faultAtMs: 31_000,
    decidedAtMs: 90_000,
    closedAtMs: 90_000,
    kernelClosedAtMs: 90_000,
    releasedAtMs: 193_000,
    reason: 'sweep: the flag was still false',
    endedAlive: null,
    watchedMs: 1_800_000,
    watchedOut: true,
    digest: '0',
    warnings: [],
    events: [
      at(30_000, 'server-app', 'ping-queued'),
      at(30_000, 'wire', 'packet', { from: 'server' }),
      at(30_025, 'peer-kernel', 'received'),
      at(30_025, 'peer-app', 'pong-sent'),
      at(30_025, 'wire', 'packet', { from: 'client' }),
      at(30_050, 'server-app', 'pong-read'),
      at(31_000, 'wire', 'cut'),
      at(60_000, 'server-app', 'ping-queued'),
      ...[0, 250, 650, 1_450, 3_050, 6_300, 12_800, 26_000].map((offsetMs) =>
        at(60_000 + offsetMs, 'wire', 'packet-lost', { from: 'server' }),
      ),
      ...[250, 650, 1_450, 3_050, 6_300, 12_800, 26_000].map((offsetMs) =>
        at(60_000 + offsetMs, 'server-kernel', 'retransmission timer'),
      ),
      at(90_000, 'server-app', 'reaped'),
      at(90_000, 'server-kernel', 'state'),
      at(193_000, 'server-kernel', 'socket-forgotten'),
    ],
  };
}

const NEVER = {
  maxMs: null,
  proved: true,
  by: 'nothing',
  formula: 'none',
  derivation: 'Nothing ends it.',
};
const SWEEP = {
  maxMs: 60_000,
  proved: true,
  by: 'sweep',
  formula: '2 · intervalMs',
  derivation:
    'A peer that dies just after its pong passes the next tick and falls at the one after.',
};

export const sweepBounds: Bounds = {
  decided: SWEEP,
  closed: SWEEP,
  kernelClosed: SWEEP,
  released: NEVER,
  tolerance: {
    maxMs: 29_000,
    proved: true,
    by: 'sweep',
    formula: 'intervalMs − rtt',
    derivation: 'One tick.',
  },
};

export function reportInput(): ReportInput {
  return {
    version: VERSION,
    findings: [],
    comparison: comparison(),
    policies: LINES.map(({ policy }) => policyOf(policy)),
    scenarios,
    timelines: [{ run: sweepRun(), boundMs: 60_000, watchMs: 3_600_000 }],
    fleetRuns: [],
    bounds: [{ policy: 'alive-flag-sweep', scenario: 'vanish-idle', bounds: sweepBounds }],
    command: 'ghostbound report --seed 1 --runs 1000',
  };
}

/** Runs of stories of many connections: without a reaper 800 and 160 more an hour, with one three more. */
function descriptorRun(policy: string, perHour: number, hours: number): RunResult {
  const points = Array.from({ length: 97 }, (_, i) => ({
    atMs: (i * hours * 3_600_000) / 96,
    value: Math.min(1_024, 800 + Math.round((perHour * i * hours) / 96)),
  }));
  return {
    ...sweepRun(),
    policy,
    scenario: 'descriptor-exhaustion',
    events: [],
    series: [{ name: 'descriptors in use', unit: 'connections', points }],
  };
}

function figureCell(
  policy: string,
  scenario: string,
  ms: readonly number[],
  never = 0,
): ComparisonRow {
  const { min, p50, p99, max } = cell({ policy, scenario, ghostMs: ms }).ghostMs;
  const samples = ms.length === 0 ? 0 : RUNS - never;
  return {
    ...cell({ policy, scenario, undetected: RUNS }),
    fleet: [{ name: 'drain takes', unit: 'ms', min, p50, p99, max, samples, never }],
  };
}

/** Stories of many connections under three policies. */
export function fleetInput(): ReportInput {
  const policies = ['none', 'alive-flag-sweep', 'drain-15s'];
  const fault = { kind: 'vanish', direction: 'both' } as const;
  return {
    ...reportInput(),
    timelines: [],
    bounds: [],
    policies: policies.map((name) =>
      name === 'drain-15s'
        ? { ...policyOf(name), mechanisms: [{ kind: 'drain', deadlineMs: 15_000 }] }
        : policyOf(name),
    ),
    scenarios: [
      {
        ...BASE,
        name: 'descriptor-exhaustion',
        title: 'Ghosts take descriptors',
        kind: 'fault',
        fault,
        story: {
          kind: 'descriptors',
          connections: 800,
          descriptorLimit: 1_024,
          ghostSharePerHour: 0.2,
        },
      },
      {
        ...BASE,
        name: 'drain-with-ghosts',
        title: 'Two ghosts, then SIGTERM',
        kind: 'fault',
        fault,
        story: { kind: 'drain', ghosts: 2, sigtermAfterMs: 10_000 },
      },
    ],
    fleetRuns: [
      descriptorRun('none', 160, 1.4),
      descriptorRun('alive-flag-sweep', 2, 1.75),
      descriptorRun('drain-15s', 160, 1.4),
    ],
    comparison: {
      ...comparison(),
      rows: policies.flatMap((policy) => [
        cell({ policy, scenario: 'descriptor-exhaustion', undetected: RUNS }),
        policy === 'none'
          ? figureCell(policy, 'drain-with-ghosts', [], RUNS)
          : figureCell(
              policy,
              'drain-with-ghosts',
              policy === 'drain-15s' ? [15_000] : uniform(20_000, 50_000),
            ),
      ]),
    },
  };
}
