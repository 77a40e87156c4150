/** Flags that several verbs share, each described once. */
import { Option } from 'commander';
import type { CacheFlags } from '../cache/known-answers.ts';
import { fleetLimits } from '../checks/fleet.ts';

/** Fixed, so that the first run of everybody prints the same numbers. */
export const DEFAULT_SEED = '1';

/** Where every scenario is played. */
export interface EnvironmentFlags {
  readonly rtt?: string;
  readonly hz?: string;
  readonly sysctl?: readonly string[];
  readonly socketOption?: readonly string[];
}

export interface SelectionFlags extends EnvironmentFlags {
  readonly policy: readonly string[];
  readonly scenario: readonly string[];
  /** Stacks, instead of policies. */
  readonly stack?: readonly string[];
  /** Of a stack: who judges. */
  readonly party?: string;
  /** How many scenarios are drawn. */
  readonly swarm?: string | undefined;
  /** How many policies are drawn. */
  readonly swarmPolicies?: string | undefined;
}

export interface GridFlags extends SelectionFlags, CacheFlags {
  readonly runs: string;
  readonly seed: string;
  readonly jobs?: string;
}

export interface OutputFlags {
  readonly json?: boolean;
  readonly out?: string;
  readonly quiet?: boolean;
}

/** What shows one thing may have to draw it. */
export interface ShowFlags extends OutputFlags {
  readonly seed: string;
}

/** A flag that may be given once; without a value of its own it is a switch. */
export function flag(flags: string, description: string, fallback?: string): Option {
  const option = new Option(flags, description);
  // A default reads in help as it is typed.
  return fallback === undefined ? option : option.default(fallback, fallback);
}

/** A flag that may be given again and again; `absent` says in help what holds without it. */
export function repeatable(flags: string, description: string, absent: string): Option {
  return new Option(flags, description)
    .argParser<readonly string[]>((value, before) => [...before, value])
    .default([], absent);
}

export const policies = repeatable(
  '--policy <name|file|@tag>',
  'a policy by name, JSON file or tag; repeatable',
  '@founding',
);

export const stacks = repeatable(
  '--stack <name|line|file>',
  'a stack by name, in one line or as a file; repeatable',
  'none',
);

/** Stacks in the place of policies, and whose end of them. */
export const ofStacks = (whose: string): readonly Option[] => [
  stacks,
  flag('--party <name>', `of a stack: who judges (default: ${whose})`),
];

const scenarios = repeatable(
  '--scenario <name|file|@tag>',
  'a scenario by name, JSON file or tag; repeatable',
  '@founding',
);

/** What there must be one of; what is missing is said in the words of all bad input. */
export const oneOfEach: readonly Option[] = [
  repeatable('--policy <name|file>', 'the policy by name or JSON file', 'must be given'),
  repeatable('--scenario <name|file>', 'the scenario by name or JSON file', 'must be given'),
];

const rtt = flag('--rtt <duration>', "round trip, in the place of each scenario's own");

/** Ticks and settings of the kernels. */
export const kernels: readonly Option[] = [
  flag(
    '--hz <ticks>',
    "ticks per second of both kernels, 100, 250 or 1000, in the place of each scenario's own",
  ),
  repeatable(
    '--sysctl <name=value>',
    "a setting of the server's kernel (client:NAME=VALUE: the client's); repeatable",
    'what each scenario says',
  ),
  repeatable(
    '--socket-option <name=value>',
    "a socket option of the server's process (client:NAME=VALUE: the client's); repeatable",
    'what each scenario says',
  ),
];

/** Where every scenario is played. */
export const environment: readonly Option[] = [rtt, ...kernels];

export const seed = flag(
  '--seed <seed>',
  'where all randomness comes from, decimal or 0x hex',
  DEFAULT_SEED,
);

/** @param usual how many, or in words what that depends on */
export const runs = (
  usual: number | string,
  description = 'runs per policy and scenario',
): Option =>
  typeof usual === 'number'
    ? flag('--runs <n>', description, String(usual))
    : flag('--runs <n>', `${description} (default: ${usual})`);

export const cache = flag(
  '--no-cache',
  'work everything out again; changes no byte of the result (default: answers of earlier runs are taken)',
);

/** What is held against what, how often, from which seed: a grid of cells. */
export const grid = (usualRuns: number | string): readonly Option[] => [
  policies,
  scenarios,
  runs(usualRuns),
  seed,
  ...environment,
  flag('--jobs <n>', 'threads; changes no byte of the result (default: all cores)'),
  cache,
];

/** Where the result goes. */
export const output = (out: string): readonly Option[] => [
  flag('--json', 'print one JSON document and nothing else'),
  flag('--out <path>', out),
  flag('--quiet', 'no progress and no remarks'),
];

export const strict = flag('--strict', 'a remark counts as a failed threshold');

/** What must hold of one run. */
export const lifeThresholds: readonly Option[] = [
  flag('--max-ghost <duration>', 'fail if a ghost may live longer, e.g. 45s'),
  flag('--no-false-reaps', 'fail if a living peer is ended'),
  ...Object.values(fleetLimits).map((limit) =>
    flag(`${limit.flag} <${limit.value}>`, limit.description),
  ),
];

/** What must hold. */
export const thresholds: readonly Option[] = [
  ...lifeThresholds,
  flag('--max-overhead <rate>', 'fail if a policy costs more packets, e.g. 200/h'),
];

/** How a comparison is shown, and what must hold of it. */
export const presentation: readonly Option[] = [
  ...thresholds,
  strict,
  flag('--report <file>', 'also write the report page to this file'),
  flag('--verbose', 'every scenario, however many'),
];
