/** Results and terminals for the command line's tests. */
import type { ComparisonRow, RunResult } from '../../model/results/types.ts';
import type { Terminal } from '../../cli/terminal/terminal.ts';

export interface Captured {
  readonly terminal: Terminal;
  out(): string;
  err(): string;
}

/** A terminal that keeps what is written; no colours unless asked for marks. */
export function captured(settings: Partial<Terminal> = {}): Captured {
  let out = '';
  let err = '';
  return {
    terminal: {
      out: (content) => {
        out += typeof content === 'string' ? content : new TextDecoder().decode(content);
      },
      err: (text) => {
        err += text;
      },
      paint: (_paint, text) => text,
      columns: Infinity,
      stderrColumns: 80,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      ...settings,
    },
    out: () => out,
    err: () => err,
  };
}

const noGhosts = { min: null, p50: null, p99: null, max: null, samples: 0 };

/** So many of 1000 living peers, ended by a sweep's verdict. */
function endedByVerdict(count: number): ComparisonRow['endedAlive'] {
  if (count === 0) return { count, samples: 1000, earliestMs: null, by: null };
  return { count, samples: 1000, earliestMs: 60_000, by: 'sweep' };
}

/**
 * A 30 s sweep whose peer vanishes at a uniform instant: decided 30 to 60 s later, so the quantile q
 * of 1000 even samples is 30 s + q · 30 s.
 */
export function faultRow(changes: Partial<ComparisonRow> = {}): ComparisonRow {
  return {
    policy: 'alive-flag-sweep',
    scenario: 'vanish-idle',
    kind: 'fault',
    ghostMs: { min: 30_030, p50: 45_000, p99: 59_700, max: 59_970, samples: 1000, undetected: 0 },
    releasedMs: {
      min: 130_000,
      p50: 145_000,
      p99: 160_000,
      max: 165_000,
      samples: 1000,
      unreleased: 0,
    },
    proved: true,
    boundMs: 60_000,
    releaseBoundMs: 170_000,
    releaseProved: true,
    toleranceMs: null,
    toleranceProved: true,
    silenceMs: null,
    falseReaps: { count: 0, samples: 0 },
    endedAlive: endedByVerdict(changes.falseReaps?.count ?? 0),
    closedInOrder: 0,
    covered: true,
    watchedMs: 1_800_000,
    watchedOut: true,
    prevented: 0,
    cost: { packetsPerHour: 240, bytesPerHour: 12_000, wakeupsPerHour: 120 },
    ghostQuantilesMs: [30_030, 45_000, 59_970],
    digest: 'd1',
    ...changes,
  };
}

/** A living peer, silent for 9 s under a policy that tolerates 16 s. */
export function liveRow(changes: Partial<ComparisonRow> = {}): ComparisonRow {
  return {
    ...faultRow(changes),
    scenario: 'live-outage-9s',
    kind: 'live',
    ghostMs: { ...noGhosts, undetected: 0 },
    releasedMs: { ...noGhosts, unreleased: 0 },
    boundMs: null,
    releaseBoundMs: null,
    toleranceMs: 16_000,
    silenceMs: 9_000,
    falseReaps: { count: 0, samples: 1000 },
    ghostQuantilesMs: [],
    ...changes,
  };
}

/** A run with a handshake, one lost ping and a verdict. */
export function sampleRun(): RunResult {
  const packet = (atMs: number, from: string, flags: string, rest: object) => ({
    atMs,
    where: 'wire' as const,
    event: 'packet',
    from,
    flags,
    seq: 0,
    ack: 0,
    length: 0,
    window: 64_256,
    why: 'ack',
    ...rest,
  });
  return {
    schemaVersion: 1,
    policy: 'alive-flag-sweep',
    scenario: 'vanish-idle',
    seed: '1',
    outcome: 'reaped',
    faultAtMs: 1_000,
    decidedAtMs: 61_000,
    closedAtMs: 61_000,
    kernelClosedAtMs: 61_000,
    releasedAtMs: 163_200,
    reason: 'sweep: flag still false',
    endedAlive: null,
    watchedMs: 1_800_000,
    watchedOut: true,
    digest: 'abc',
    warnings: [],
    events: [
      packet(0, 'client', 'S', { why: 'syn' }),
      packet(25, 'server', 'S.', { ack: 1, why: 'syn-ack' }),
      packet(50, 'client', '.', { seq: 1, ack: 1 }),
      { atMs: 1_000, where: 'wire', event: 'cut', toClient: 1, toServer: 1 },
      { atMs: 31_000, where: 'server-app', event: 'ping-queued', mechanism: 'sweep' },
      {
        ...packet(31_000, 'server', 'P.', { seq: 1, ack: 1, length: 2, why: 'data' }),
        event: 'packet-lost',
      },
      { atMs: 61_000, where: 'server-app', event: 'reaped', mechanism: 'sweep' },
    ],
  };
}
