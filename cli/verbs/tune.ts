/** `tune`: what is wanted → the cheapest policy with its proof, or the two demands that exclude each other. */
import { parseDuration } from '../../model/duration.ts';
import type { Issue, Result } from '../../model/issue.ts';
import type { MechanismKind } from '../../model/policy/index.ts';
import type { FaultScenario, LiveScenario, Scenario } from '../../model/scenario/index.ts';
import type { Tuning } from '../../model/results/tuning.ts';
import { parseSeed } from '../../sim/random.ts';
import { silenceKinds, tune, usefulKinds, type SilenceKind } from '../../proof/tune/index.ts';
import { tuneSettings } from '../../proof/tune/settings.ts';
import { checkOut, emit, remark } from '../output/emit.ts';
import { environmentWords, parseEnvironment } from '../arguments/environment.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { writeWhole } from '../files/files.ts';
import {
  allOf,
  allOfList,
  optional,
  parseChoice,
  parseRate,
  parseRuns,
  unwrap,
} from '../arguments/options.ts';
import { commandLine, repeated } from '../arguments/replay.ts';
import { scenariosFor } from '../arguments/select.ts';
import { oneStack } from '../arguments/stacks.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import { hopsOf, wholeRttMs, type Stack } from '../../model/stack/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { definitionText } from '../text/catalogue.ts';
import { jsonDocument } from '../text/json-document.ts';
import { settingsText } from '../text/settings.ts';
import { tuningText } from '../text/tuning.ts';
import { packageVersion } from '../terminal/version.ts';
import type { EnvironmentFlags, OutputFlags } from '../arguments/flags.ts';

/** The flags as typed. */
export interface TuneFlags extends OutputFlags, EnvironmentFlags {
  readonly maxGhost?: string;
  readonly fault: readonly string[];
  readonly survive: readonly string[];
  readonly pathIdle?: string;
  /** Whose round trip, idle limits and kernels hold. */
  readonly stack?: string;
  /** Whose options may be set. */
  readonly for: readonly string[];
  /** What is run today. */
  readonly policy?: string;
  readonly allow: readonly string[];
  readonly maxOverhead?: string;
  readonly runs: string;
  readonly seed: string;
}

/** What one `--survive` asks for: a silence of a length, or scenarios. */
type Survive =
  | { readonly kind: SilenceKind; readonly ms: number }
  | { readonly living: readonly LiveScenario[] };

function wrongKind(path: string, received: string, expected: string): Issue {
  return { code: 'wrong-kind', path, received: JSON.stringify(received), expected };
}

function scenariosOfKind<K extends Scenario['kind']>(
  flag: string,
  word: string,
  kind: K,
): Result<readonly Extract<Scenario, { readonly kind: K }>[]> {
  const chosen = scenariosFor([word]);
  if (!chosen.ok) {
    return { ok: false, issues: chosen.issues.map((issue) => ({ ...issue, path: flag })) };
  }
  const things = chosen.value.map(({ thing }) => thing);
  const right = things.filter(
    (thing): thing is Extract<Scenario, { readonly kind: K }> => thing.kind === kind,
  );
  if (right.length === things.length) return { ok: true, value: right };
  return { ok: false, issues: [wrongKind(flag, word, `a scenario of kind "${kind}"`)] };
}

/** `30s`, `server-starved=10s`, or a living scenario. */
function parseSurvive(word: string): Result<Survive> {
  const [kind = '', length] = word.split('=');
  if (length !== undefined) {
    const parts = allOf({
      kind: parseChoice(kind, '--survive', silenceKinds),
      ms: parseDuration(length, '--survive'),
    });
    return parts;
  }
  if (/^\d/.test(word)) {
    const parsed = parseDuration(word, '--survive');
    return parsed.ok ? { ok: true, value: { kind: 'outage', ms: parsed.value } } : parsed;
  }
  const living = scenariosOfKind('--survive', word, 'live');
  return living.ok ? { ok: true, value: { living: living.value } } : living;
}

function required(text: string | undefined, flag: string): Result<number> {
  if (text !== undefined) return parseDuration(text, flag);
  const expected = 'how long a ghost may live, e.g. --max-ghost 45s';
  return {
    ok: false,
    issues: [{ code: 'missing-flag', path: flag, received: 'nothing', expected }],
  };
}

function parseFlags(flags: TuneFlags) {
  const faults = flags.fault.map((word) => scenariosOfKind('--fault', word, 'fault'));
  const allow = flags.allow.map((word) => parseChoice<MechanismKind>(word, '--allow', usefulKinds));
  const duration = (text: string | undefined, flag: string): Result<number | undefined> =>
    optional(text, (one) => parseDuration(one, flag));
  return allOf({
    maxGhostMs: required(flags.maxGhost, '--max-ghost'),
    pathIdleMs: duration(flags.pathIdle, '--path-idle'),
    around: optional(flags.stack, aroundServer),
    environment: parseEnvironment(flags),
    maxPacketsPerHour: optional(flags.maxOverhead, (text) => parseRate(text, '--max-overhead')),
    faults: allOfList<readonly FaultScenario[]>(faults),
    survive: allOfList(flags.survive.map(parseSurvive)),
    allow: allOfList(allow),
    runs: parseRuns(flags.runs),
    seed: parseSeed(flags.seed, '--seed'),
  });
}

/** The shortest stack around a policy, from whichever side it judges. */
function aroundPolicy(word: string): Result<Stack> {
  const served = oneStack(`client > ${word}`);
  if (served.ok) return served;
  const asked = oneStack(`${word} > server`);
  return asked.ok ? asked : served;
}

/** The stack whose options may be set, and whose they are. */
function runToday({ stack, policy, for: names, allow }: TuneFlags): Result<{
  readonly stack: Stack;
  readonly for: readonly string[];
}> {
  const whose = names.flatMap((name) => name.split(',')).map((name) => name.trim());
  const refused = (path: string, received: string, expected: string): Result<never> => ({
    ok: false,
    issues: [{ code: 'bad-option', path, received, expected }],
  });
  if (allow.length > 0) {
    return refused(
      '--allow',
      allow.join(', '),
      'no kinds of mechanisms: the systems have their own',
    );
  }
  if (stack !== undefined && policy !== undefined) {
    return refused('--policy', policy, 'one of --policy and --stack');
  }
  if (policy !== undefined) {
    const around = aroundPolicy(policy);
    if (!around.ok) return around;
    const word = policy.split('(')[0] ?? policy;
    return { ok: true, value: { stack: around.value, for: whose.length > 0 ? whose : [word] } };
  }
  if (stack === undefined) return refused('--for', names.join(', '), 'with --stack or --policy');
  const around = oneStack(stack);
  return around.ok ? { ok: true, value: { stack: around.value, for: whose } } : around;
}

/** `tune --for` and `tune --policy`: the options of what is run. */
function tuneOptions(flags: TuneFlags, terminal: Terminal): ExitCodeValue {
  const today = unwrap(runToday(flags));
  const parsed = unwrap(parseFlags({ ...flags, stack: undefined as never, allow: [] }));
  const { faults, survive, environment, maxGhostMs, pathIdleMs } = parsed;
  const { rttMs, ...kernels } = environment ?? {};
  const tuning = tuneSettings({
    ...today,
    maxGhostMs,
    survive: silencesOf(survive),
    living: survive.flatMap((one) => ('living' in one ? one.living : [])),
    ...(faults.length > 0 && { faults: faults.flat() }),
    ...(pathIdleMs !== undefined && { pathIdleMs }),
    ...(rttMs !== undefined && { rttMs }),
    ...(Object.keys(kernels).length > 0 && { kernels }),
  });
  const repeat = commandOf(flags);
  const shown = { tuning, version: packageVersion(), repeat };
  emit(flags.json ? jsonDocument(tuning) : settingsText(shown, terminal), flags, terminal);
  return tuning.met ? ExitCode.Fine : ExitCode.ThresholdFailed;
}

/** What a policy of a stack's server has to live with: round trip, the shortest idle limit on the way, its kernel. */
function aroundServer(selector: string): Result<{
  readonly idleMs?: number;
  readonly isBehindProxy: boolean;
  readonly environment: Environment;
}> {
  const stack = oneStack(selector);
  if (!stack.ok) return stack;
  const hops = hopsOf(stack.value);
  const limits = hops.flatMap(({ idleMs }) => (typeof idleMs === 'number' ? [idleMs] : []));
  const [client, server] = [hops[0], hops.findLast(({ role }) => role === 'server')];
  const side = (key: string, own: object | undefined): object =>
    own === undefined || Object.keys(own).length === 0 ? {} : { [key]: own };
  const environment: Environment = {
    rttMs: wholeRttMs(stack.value),
    ...side('serverSysctls', server?.kernel.sysctls),
    ...side('clientSysctls', client?.kernel.sysctls),
    ...side('serverSocketOptions', server?.kernel.socketOptions),
    ...side('clientSocketOptions', client?.kernel.socketOptions),
  };
  const idle = limits.length === 0 ? {} : { idleMs: Math.min(...limits) };
  const isBehindProxy = hops.some(({ role }) => role === 'proxy');
  return { ok: true, value: { ...idle, isBehindProxy, environment } };
}

/** The longest silence of each kind that was asked for. */
function silencesOf(survive: readonly Survive[]): { readonly [K in SilenceKind]?: number } {
  const longest: { [K in SilenceKind]?: number } = {};
  for (const one of survive) {
    if ('kind' in one) longest[one.kind] = Math.max(one.ms, longest[one.kind] ?? 0);
  }
  return longest;
}

function tuned(flags: TuneFlags): Tuning {
  const {
    faults,
    survive,
    around,
    environment,
    maxPacketsPerHour,
    pathIdleMs: asked,
    ...more
  } = unwrap(parseFlags(flags));
  const { allow: allowed, ...rest } = more;
  // Keepalive asks the proxy's kernel, which answers whatever becomes of the client, and keeps no proxy awake.
  const behind = around?.isBehindProxy === true && allowed.length === 0;
  const allow = behind ? usefulKinds.filter((kind) => kind !== 'keepalive') : allowed;
  const { rttMs, ...kernels } = { ...around?.environment, ...environment };
  const pathIdleMs = asked ?? around?.idleMs;
  return tune({
    ...rest,
    survive: silencesOf(survive),
    living: survive.flatMap((one) => ('living' in one ? one.living : [])),
    ...(faults.length > 0 && { faults: faults.flat() }),
    ...(allow.length > 0 && { allow }),
    ...(pathIdleMs !== undefined && { pathIdleMs }),
    ...(rttMs !== undefined && { rttMs }),
    ...(Object.keys(kernels).length > 0 && { kernels }),
    ...(maxPacketsPerHour !== undefined && { maxPacketsPerHour }),
  });
}

function commandOf(flags: TuneFlags): string {
  const single = (flag: string, text: string | undefined): string[] =>
    text === undefined ? [] : [flag, text];
  return commandLine([
    'ghostbound',
    'tune',
    ...single('--max-ghost', flags.maxGhost),
    ...repeated('--fault', flags.fault),
    ...repeated('--survive', flags.survive),
    ...single('--stack', flags.stack),
    ...single('--policy', flags.policy),
    ...repeated('--for', flags.for),
    ...single('--path-idle', flags.pathIdle),
    ...environmentWords(flags),
    ...repeated('--allow', flags.allow),
    ...single('--max-overhead', flags.maxOverhead),
    '--runs',
    flags.runs,
    '--seed',
    flags.seed,
  ]);
}

/** The exit code: what a witness contradicts weighs more than a request that cannot be met. */
function codeOf({ rows, policy }: Tuning): ExitCodeValue {
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  if (verdicts.has('false-reap')) return ExitCode.FalseReap;
  if (verdicts.has('ghost-outlived-bound')) return ExitCode.BoundExceeded;
  return policy === null ? ExitCode.ThresholdFailed : ExitCode.Fine;
}

/** `tune`. */
export function tuneVerb(flags: TuneFlags, terminal: Terminal): ExitCodeValue {
  checkOut(flags);
  if (flags.for.length > 0 || flags.policy !== undefined) return tuneOptions(flags, terminal);
  const tuning = tuned(flags);
  const repeat = commandOf(flags);
  const shown = { tuning, version: packageVersion(), repeat };
  terminal.out(flags.json ? jsonDocument(tuning) : tuningText(shown, terminal));
  const code = codeOf(tuning);
  if (flags.out !== undefined && tuning.policy !== null) {
    writeWhole(flags.out, definitionText(tuning.policy));
    remark(`wrote ${flags.out}`, flags, terminal);
  } else if (flags.out !== undefined) {
    remark('no policy was written: none meets every demand', flags, terminal);
  }
  if (code !== ExitCode.Fine) terminal.err(`replay: ${repeat}\n`);
  return code;
}
