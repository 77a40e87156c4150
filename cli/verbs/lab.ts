/** `lab`: a story on this machine's own kernel, beside the same simulated and proved. */
import { release } from 'node:os';
import {
  kernelTick,
  missingForStories,
  playStory,
  recordingOf,
  unplayable,
  type LabLives,
} from '../../lab/stories/index.ts';
import { bounds } from '../../model/bounds/index.ts';
import type { Bounds } from '../../model/bounds/types.ts';
import { parseDuration } from '../../model/duration.ts';
import { InputError, type Result } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Lab } from '../../model/results/lab-schema.ts';
import type { ObservedLives } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { silenceKindOf } from '../../model/faults/index.ts';
import { playPhases } from '../../proof/phases.ts';
import { watchOf } from '../../scenarios/watch.ts';
import { parseSeed } from '../../sim/random.ts';
import { parseEnvironment } from '../arguments/environment.ts';
import type { OutputFlags, SelectionFlags } from '../arguments/flags.ts';
import { allOf, optional, parseWhole, unwrap } from '../arguments/options.ts';
import { checkWritable, writeWhole } from '../files/files.ts';
import { oneCell, type OneCell } from '../grid/one-cell.ts';
import { checkOut, emit, layoutFor, remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jsonDocument } from '../text/json-document.ts';
import { labText } from '../text/lab.ts';

/** The flags as typed. */
export interface LabFlags extends OutputFlags, SelectionFlags {
  readonly seed: string;
  readonly clients: string;
  readonly watch?: string;
  readonly trace?: string;
}

/** So many have addresses; each is a process. */
const MOST_CLIENTS = 64;
/** Points of the grid of phases. */
const PHASES = 32;
/** Nobody waits for longer unless told to. */
const LONGEST_WATCH_MS = 20 * 60_000;
/** A little longer than what is proved: what comes later is to be seen. */
const WATCH_SLACK_MS = 3_000;
/** What processes and timers of a machine that has something else to do may add between a decision and its telling. */
const LATE_MS = 250;

/** The policy and the story, on a kernel of this machine's tick unless said. */
function parseCell(story: string | undefined, flags: LabFlags): Result<OneCell> {
  const environment = parseEnvironment(flags);
  if (!environment.ok) return environment;
  const hz = environment.value?.hz ?? kernelTick()?.hz;
  const setting = hz === undefined ? environment.value : { ...environment.value, hz };
  return oneCell(story === undefined ? flags : { ...flags, scenario: [story] }, setting);
}

function refuse(received: string, expected: string, path = 'lab'): never {
  throw new InputError([{ code: 'not-in-the-lab', path, received, expected }]);
}

/** How long they are waited for: as long as anybody here may take. */
function watchMs(policy: Policy, scenario: Scenario, stated: Bounds, given?: number): number {
  if (given !== undefined) return given;
  if (scenario.kind === 'live') {
    const { silence } = scenario;
    const lengthMs = silenceKindOf(silence).lengthMs(silence) ?? scenario.watchMs;
    return WATCH_SLACK_MS + Math.min(lengthMs, LONGEST_WATCH_MS);
  }
  const patienceMs = stated.decided.maxMs ?? watchOf(policy, scenario).lengthMs;
  return Math.min(patienceMs + WATCH_SLACK_MS, LONGEST_WATCH_MS);
}

function resultOf(
  policy: Policy,
  scenario: Scenario,
  { lives, bystander, mechanisms }: LabLives,
  simulated: ObservedLives,
  { decided, tolerance }: Bounds,
): Lab {
  const isFault = scenario.kind === 'fault';
  const stated = isFault ? decided : tolerance;
  return {
    schemaVersion: 1,
    policy: policy.name,
    scenario: scenario.name,
    kernel: release(),
    isFault,
    measured: { lives, bystander },
    simulated: {
      lives: simulated.lives,
      earliestMs: simulated.ghostMs.minMs,
      latestMs: simulated.ghostMs.maxMs,
      undetected: simulated.undetected,
      endedAlive: simulated.endedAlive,
    },
    proved: {
      boundMs: isFault && decided.proved ? decided.maxMs : null,
      toleranceMs: !isFault && tolerance.proved ? tolerance.maxMs : null,
      because: stated.derivation,
    },
    off: mechanisms.flatMap(({ kind, state, reason }) =>
      state === 'off' ? [`${kind}: ${reason ?? 'off'}`] : [],
    ),
  };
}

/** What real lives say of what is stated. */
function verdictOf(
  { isFault, measured, proved }: Lab,
  scenario: Scenario,
  toleratesAll: boolean,
): ExitCodeValue {
  if (isFault) {
    const { boundMs } = proved;
    const isLate = measured.lives.some(
      ({ decidedMs, withinMs }) =>
        boundMs !== null && (decidedMs ?? Infinity) > boundMs + withinMs + LATE_MS,
    );
    if (isLate) return ExitCode.BoundExceeded;
  } else if (scenario.kind === 'live') {
    const lengthMs = silenceKindOf(scenario.silence).lengthMs(scenario.silence) ?? Infinity;
    const isTolerated = toleratesAll || (proved.toleranceMs ?? -1) >= lengthMs;
    if (isTolerated && measured.lives.some(({ by }) => by !== null)) return ExitCode.FalseReap;
  }
  return measured.bystander === null ? ExitCode.Fine : ExitCode.FalseReap;
}

/** `lab STORY --policy P`. */
export async function labVerb(
  [story]: readonly string[],
  flags: LabFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  checkOut(flags);
  if (flags.trace !== undefined) checkWritable(flags.trace);
  const { cell, clients, seed, watch } = unwrap(
    allOf({
      cell: parseCell(story, flags),
      clients: parseWhole(flags.clients, '--clients', 1, MOST_CLIENTS),
      seed: parseSeed(flags.seed),
      watch: optional(flags.watch, (text) => parseDuration(text, '--watch')),
    }),
  );
  const { policy, scenario } = cell;
  const missing = missingForStories();
  if (missing !== undefined) refuse(missing, 'a machine on which it can be played');
  const why = unplayable(scenario);
  if (why !== undefined) refuse(why, 'a story that real processes can play', scenario.name);
  const stated = bounds(policy, scenario);
  const simulated = playPhases(policy, scenario, PHASES, seed);
  const lives = await playStory(policy, scenario, {
    clients,
    watchMs: watchMs(policy, scenario, stated, watch),
    seed: Number(seed & 0x7fff_ffffn),
    report: (line) => remark(line, flags, terminal),
  });
  if (flags.trace !== undefined) {
    writeWhole(flags.trace, recordingOf(scenario, lives.told));
    remark(`wrote ${flags.trace}; compare it: ghostbound conform ${flags.trace}`, flags, terminal);
  }
  const result = resultOf(policy, scenario, lives, simulated, stated);
  const { proved, maxMs } = stated.tolerance;
  const code = verdictOf(result, scenario, proved && maxMs === null);
  const layout = layoutFor(flags, terminal);
  emit(
    flags.json ? jsonDocument(result) : labText(result, scenario, code, layout),
    flags,
    terminal,
  );
  return code;
}
