/**
 * `run`: one policy, one scenario, one seed → everything that happened, for people, as JSON, or as a
 * file for another viewer.
 */
import { bounds } from '../../model/bounds/index.ts';
import type { Bound, Bounds } from '../../model/bounds/types.ts';
import type { Result } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { RaceResult, RunResult } from '../../model/results/types.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { pickRun, type RunPick } from '../../scenarios/pick.ts';
import { simulate } from '../../scenarios/run.ts';
import { reachBound, reachTolerance } from '../../model/reach/index.ts';
import {
  MOST_LIVES_OF_ONE,
  replayBound,
  replayTolerance,
  type Replay,
} from '../../proof/replay.ts';
import { formatMs, plural } from '../../text/numbers.ts';
import { parseSeed } from '../../sim/random.ts';
import { emit, layoutFor, remark } from '../output/emit.ts';
import { environmentWords, parseEnvironment } from '../arguments/environment.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { checkWritable, writeWhole } from '../files/files.ts';
import {
  allOf,
  optional,
  parseChoice,
  parseRuns,
  parseThresholds,
  parseWhole,
  thresholdWords,
  unwrap,
  type ThresholdFlags,
} from '../arguments/options.ts';
import { commandLine, repeated } from '../arguments/replay.ts';
import { oneCell } from '../grid/one-cell.ts';
import { racesIn } from '../grid/stack-cells.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jsonDocument } from '../text/json-document.ts';
import { endingText, timelineText, type RunText } from '../text/timeline.ts';
import { runToNdjson } from '../trace/ndjson.ts';
import { runToPcapng } from '../trace/pcapng.ts';
import { runToPerfetto } from '../trace/perfetto.ts';
import { strictFailure, type Thresholds } from '../checks/comparison.ts';
import { failuresOfRun, thresholdsOfRun } from '../checks/run.ts';
import { packageVersion } from '../terminal/version.ts';
import type { OutputFlags, SelectionFlags } from '../arguments/flags.ts';

/** The flags as typed. */
export interface RunFlags extends OutputFlags, SelectionFlags, ThresholdFlags {
  readonly seed: string;
  readonly index?: string;
  readonly worst?: boolean;
  readonly median?: boolean;
  readonly killed?: boolean;
  readonly fromBound?: boolean;
  readonly runs: string;
  readonly strict?: boolean;
  readonly trace?: string;
  readonly verbose?: boolean;
}

const traceFormats = ['ndjson', 'pcapng', 'perfetto'] as const;
type TraceFormat = (typeof traceFormats)[number];

/** Runs of one seed are numbered with 31 bits. */
const LAST_INDEX = 2 ** 31 - 1;

interface RunJob {
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly environment: Environment | undefined;
  readonly seed: bigint;
  readonly index: number;
  readonly pick: RunPick | undefined;
  /** How many runs are looked through for it. */
  readonly runs: number;
  readonly thresholds: Thresholds;
  readonly trace: TraceFormat | undefined;
}

/** Which run is looked for, where it is not named by its number. */
function parsePick(flags: RunFlags): Result<RunPick | undefined> {
  const asked = (['worst', 'median', 'killed'] as const).filter((pick) => flags[pick] === true);
  const [pick, ...more] = asked;
  const given = [flags.index !== undefined, flags.fromBound === true, pick !== undefined];
  if (more.length === 0 && given.filter(Boolean).length <= 1) {
    return { ok: true, value: pick };
  }
  const words = [
    ...(flags.index === undefined ? [] : ['--index']),
    ...(flags.fromBound === true ? ['--from-bound'] : []),
    ...asked.map((one) => `--${one}`),
  ];
  const expected = 'one of --index, --worst, --median, --killed and --from-bound';
  return {
    ok: false,
    issues: [{ code: 'not-one', path: 'run', received: words.join(' and '), expected }],
  };
}

function parseJob(flags: RunFlags): Result<RunJob> {
  const environment = parseEnvironment(flags);
  const job = allOf({
    environment,
    cell: oneCell(flags, environment.ok ? environment.value : undefined),
    seed: parseSeed(flags.seed),
    index: parseWhole(flags.index ?? '0', '--index', 0, LAST_INDEX),
    pick: parsePick(flags),
    runs: parseRuns(flags.runs),
    thresholds: parseThresholds(flags),
    trace: optional(flags.trace, (text) => parseChoice(text, '--trace', traceFormats)),
  });
  if (!job.ok) return job;
  const { cell, ...rest } = job.value;
  return { ok: true, value: { ...rest, ...cell } };
}

function traceOf(format: TraceFormat, run: RunResult): string | Uint8Array {
  if (format === 'pcapng') return runToPcapng(run, packageVersion());
  return format === 'ndjson' ? runToNdjson(run) : runToPerfetto(run);
}

function repeatCommand(flags: RunFlags, index: number, run: RunResult): string {
  return commandLine([
    'ghostbound',
    'run',
    ...repeated('--policy', flags.policy),
    ...repeated('--stack', flags.stack ?? []),
    ...(flags.party === undefined ? [] : ['--party', flags.party]),
    ...repeated('--scenario', flags.scenario),
    ...environmentWords(flags),
    '--seed',
    run.seed,
    ...(flags.fromBound === true
      ? ['--from-bound']
      : index === 0 && flags.index === undefined
        ? []
        : ['--index', String(index)]),
    ...thresholdWords(flags),
    ...(flags.strict ? ['--strict'] : []),
  ]);
}

function describe(job: RunJob, flags: RunFlags, run: RunResult, stated: Bounds): RunText {
  const { decided, closed, kernelClosed, released, tolerance } = stated;
  return {
    run,
    version: packageVersion(),
    verbose: flags.verbose === true,
    repeat: repeatCommand(flags, job.index, run),
    ...(job.scenario.kind === 'fault'
      ? { bounds: [decided, closed, kernelClosed, released] }
      : { tolerance }),
  };
}

/** Prints the run, or puts its trace where it belongs and prints how it ended. */
function show(job: RunJob, flags: RunFlags, text: RunText, terminal: Terminal): void {
  if (job.trace === undefined) {
    const layout = layoutFor(flags, terminal);
    const result = flags.json ? jsonDocument(text.run) : timelineText(text, layout);
    emit(result, flags, terminal);
    return;
  }
  const trace = traceOf(job.trace, text.run);
  if (flags.out === undefined) {
    terminal.out(trace);
    return;
  }
  writeWhole(flags.out, trace);
  remark(`wrote ${flags.out}`, flags, terminal);
  terminal.out(flags.json ? jsonDocument(text.run) : endingText(text, terminal));
}

/** A trace needs a place of its own: a file, or a pipe that carries nothing else. */
function checkPlace(flags: RunFlags, job: RunJob, terminal: Terminal): void {
  if (flags.out !== undefined) checkWritable(flags.out);
  const toTerminal = job.trace === 'pcapng' && terminal.stdoutIsTerminal;
  if (job.trace === undefined || flags.out !== undefined || !(toTerminal || flags.json)) return;
  unwrap({
    ok: false,
    issues: [
      {
        code: 'no-place',
        path: '--trace',
        received: flags.json ? '--json on the same stdout' : 'a terminal for a binary file',
        expected: 'a file by --out',
      },
    ],
  });
}

/** The job with the number of the run that is looked for; undefined where there is none. */
function picked(job: RunJob): RunJob | undefined {
  const { policy, scenario, seed, runs, pick } = job;
  if (pick === undefined) return job;
  const index = pickRun(policy, scenario, seed, runs, pick);
  return index === null ? undefined : { ...job, index };
}

function nothingPicked({ policy, scenario, runs, pick }: RunJob): string {
  const what = pick === 'killed' ? 'a living peer was ended' : 'a ghost arose';
  return `in none of ${plural(runs, 'run')} of ${policy.name} on ${scenario.name} ${what}`;
}

/** The worst path of a cell, played. */
interface WorstPath {
  readonly of: 'B' | 'T';
  readonly provedMs: number;
  readonly replay: Replay;
}

/** A life whose fault comes with the opening may outlast what is stated of connections that have settled, but not what reachability proves. */
function statedOf({ policy, scenario }: RunJob, { of, provedMs }: WorstPath): Bounds {
  const stated = bounds(policy, scenario);
  if (of === 'T') return stated;
  const { maxMs } = stated.decided;
  const lateMs = maxMs === null ? 0 : Math.max(0, provedMs - maxMs);
  const later = (bound: Bound): Bound =>
    bound.maxMs === null ? bound : { ...bound, maxMs: bound.maxMs + lateMs };
  const { decided, closed, kernelClosed, released, tolerance } = stated;
  return {
    decided: later(decided),
    closed: later(closed),
    kernelClosed: later(kernelClosed),
    released: later(released),
    tolerance,
  };
}

/** B's on a fault, T's on a silence; null where there is none to play. */
function worstPathOf({ policy, scenario, seed }: RunJob): WorstPath | null {
  if (scenario.kind === 'fault') {
    const bound = reachBound(policy, scenario, undefined, true);
    const replay = replayBound(policy, scenario, bound, seed, MOST_LIVES_OF_ONE);
    if (replay === null || bound.kind === 'not-proved') return null;
    return { of: 'B', provedMs: bound.decidedMs, replay };
  }
  const tolerance = reachTolerance(policy, scenario, undefined, true);
  const replay = replayTolerance(policy, scenario, tolerance, seed, MOST_LIVES_OF_ONE);
  if (replay === null || tolerance.kind === 'not-proved') return null;
  return { of: 'T', provedMs: tolerance.ms, replay };
}

function worstPathText({ of, provedMs, replay }: WorstPath): string {
  const { attainedMs, gapMs, because, lives } = replay;
  const proved = `${of} by reachability ${provedMs === Infinity ? '∞' : formatMs(provedMs, of === 'B' ? 'up' : 'down')}`;
  const what = of === 'B' ? 'this ghost' : 'a silence';
  const found = attainedMs === Infinity ? 'without an end' : `of ${formatMs(attainedMs)}`;
  const near =
    because === null
      ? 'within a tick'
      : `${Number.isFinite(gapMs) ? `gap ${formatMs(gapMs)}, ` : ''}${because}`;
  return `${proved}, ${what} ${found}: ${near} (phases set in ${plural(lives, 'simulated run')})`;
}

function nothingToReplay({ policy, scenario }: RunJob): string {
  const what = scenario.kind === 'fault' ? 'longest ghost' : 'silence that ends a living peer';
  return `reachability knows no ${what} of ${policy.name} on ${scenario.name}`;
}

/** The run with what it was played in, before what came of it, and with what its stack does beside. */
function withSurroundings(
  run: RunResult,
  environment: Environment | undefined,
  races: readonly RaceResult[],
): RunResult {
  const { schemaVersion, policy, scenario, seed, events, ...rest } = run;
  return {
    schemaVersion,
    policy,
    scenario,
    seed,
    ...(environment !== undefined && { environment }),
    ...rest,
    ...(races.length > 0 && { races }),
    events,
  };
}

/** `run`. */
export function runVerb(flags: RunFlags, terminal: Terminal): ExitCodeValue {
  const asked = unwrap(parseJob(flags));
  checkPlace(flags, asked, terminal);
  const job = picked(asked);
  if (job === undefined) {
    terminal.err(`ghostbound: ${nothingPicked(asked)}\n`);
    return ExitCode.NothingSampled;
  }
  const worst = flags.fromBound === true ? worstPathOf(asked) : undefined;
  if (worst === null) {
    terminal.err(`ghostbound: ${nothingToReplay(asked)}\n`);
    return ExitCode.NothingSampled;
  }
  const scenario = worst?.replay.scenario ?? job.scenario;
  const played = simulate(job.policy, scenario, {
    seed: job.seed,
    run: job.index,
    trace: true,
    ...(worst !== undefined && { phases: worst.replay.phases }),
  });
  const races = racesIn(flags, job.environment?.rttMs);
  const run = withSurroundings(played, job.environment, races);
  const stated = worst === undefined ? bounds(job.policy, scenario) : statedOf(job, worst);
  const text = describe(job, flags, run, stated);
  show(job, flags, text, terminal);
  if (worst !== undefined) remark(worstPathText(worst), flags, terminal);
  for (const warning of run.warnings) remark(warning, flags, terminal);
  const strict = flags.strict ? run.warnings.map(strictFailure) : [];
  const { thresholds } = job;
  const failures = [
    ...failuresOfRun(run, scenario, stated),
    ...thresholdsOfRun(run, scenario, stated, thresholds),
    ...strict,
  ];
  for (const failure of failures) terminal.err(`ghostbound: ${failure.text}\n`);
  if (failures.length > 0) terminal.err(`repeat: ${text.repeat}\n`);
  return failures[0]?.code ?? ExitCode.Fine;
}
