/** Flags that several verbs share, each described once. */
import { Option, type Command } from 'commander';
import { fleetLimits } from './fleet.ts';

/** Fixed, so that the first run of everybody prints the same numbers. */
export const DEFAULT_SEED = '1';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export interface SelectionFlags {
  readonly policy: readonly string[];
  readonly scenario: readonly string[];
  /** How many scenarios are drawn. */
  readonly swarm?: string | undefined;
  /** How many policies are drawn. */
  readonly swarmPolicies?: string | undefined;
}

export interface GridFlags extends SelectionFlags {
  readonly runs: string;
  readonly seed: string;
  readonly jobs?: string;
}

export interface OutputFlags {
  readonly json?: boolean;
  readonly out?: string;
  readonly quiet?: boolean;
}

/** A flag with a default that reads in help as it is typed. */
function withDefault(command: Command, flags: string, description: string, value: string): Command {
  return command.addOption(new Option(flags, description).default(value, value));
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser<readonly string[]>(collect)
    .default([], '@founding');
}

/** A flag without which there is nothing to do; what is missing is said in the words of all bad input. */
function needed(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser<readonly string[]>(collect)
    .default([], 'must be given');
}

/** `--policy`. */
export function withPolicies(command: Command): Command {
  return command.addOption(
    repeatable('--policy <name|file|@tag>', 'a policy by name, JSON file or tag; repeatable'),
  );
}

/** `--policy`, `--scenario`: what is held against what. */
function withSelection(command: Command): Command {
  return withPolicies(command).addOption(
    repeatable('--scenario <name|file|@tag>', 'a scenario by name, JSON file or tag; repeatable'),
  );
}

/** `--policy`, `--scenario`, one of each. */
export function withOneOfEach(command: Command): Command {
  return command
    .addOption(needed('--policy <name|file>', 'the policy by name or JSON file'))
    .addOption(needed('--scenario <name|file>', 'the scenario by name or JSON file'));
}

/** `--seed`. */
export function withSeed(command: Command): Command {
  const description = 'where all randomness comes from, decimal or 0x hex';
  return withDefault(command, '--seed <seed>', description, DEFAULT_SEED);
}

/** `--runs`. */
export function withRuns(command: Command, defaultRuns: number): Command {
  return withDefault(command, '--runs <n>', 'runs per policy and scenario', String(defaultRuns));
}

/** What a policy is wanted for. */
export function withDemands(command: Command): Command {
  return command
    .option('--max-ghost <duration>', 'no ghost may live longer, e.g. 45s')
    .addOption(
      new Option('--fault <name|file|@tag>', 'a fault that must be noticed; repeatable')
        .argParser<readonly string[]>(collect)
        .default([], 'vanish and freeze: idle, busy, saturated'),
    )
    .addOption(
      new Option(
        '--survive <what>',
        'an outage (30s), another silence (server-starved=10s), or a living scenario; repeatable',
      )
        .argParser<readonly string[]>(collect)
        .default([], 'a lost packet and its retransmissions'),
    )
    .option('--path-idle <duration>', 'what forgets idle connections on the way does so after this')
    .option('--rtt <duration>', 'round trip (default: 50ms)')
    .addOption(
      new Option('--allow <kind>', 'a kind of mechanism that may be used; repeatable')
        .argParser<readonly string[]>(collect)
        .default([], 'ping, sweep, keepalive, user-timeout, send-stall'),
    )
    .option('--max-overhead <rate>', 'most packets of an idle connection, e.g. 200/h');
}

/** `--policy`, `--scenario`, `--runs`, `--seed`, `--jobs`: a grid of cells. */
export function withGrid(command: Command, defaultRuns: number): Command {
  withRuns(withSelection(command), defaultRuns);
  return withSeed(command).option(
    '--jobs <n>',
    'threads; changes no byte of the result (default: all cores)',
  );
}

/** `--phases`. */
export function withPhases(command: Command, defaultPhases: number): Command {
  const description =
    'points of the grid over the common rhythm of all that repeats, both ends included';
  return withDefault(command, '--phases <n>', description, String(defaultPhases));
}

/** `--json`, `--out`, `--quiet`: where the result goes. */
export function withOutput(command: Command, out: string): Command {
  return command
    .option('--json', 'print one JSON document and nothing else')
    .option('--out <path>', out)
    .option('--quiet', 'no progress and no remarks');
}

/** `--strict`. */
export function withStrict(command: Command): Command {
  return command.option('--strict', 'a remark counts as a failed threshold');
}

/** `--max-severity`. */
export function withSeverity(command: Command): Command {
  const description = 'fail if a finding is heavier: error (never fails), warning, note or none';
  return withDefault(command, '--max-severity <severity>', description, 'warning');
}

/** What must hold of one run. */
export function withLifeThresholds(command: Command): Command {
  command
    .option('--max-ghost <duration>', 'fail if a ghost may live longer, e.g. 45s')
    .option('--no-false-reaps', 'fail if a living peer is ended');
  for (const { flag, value, description } of Object.values(fleetLimits)) {
    command.option(`${flag} <${value}>`, description);
  }
  return command;
}

/** Rules of the linter that do not matter here. */
export function withOff(command: Command): Command {
  const description = 'switch a rule off, with the reason; repeatable';
  return command.addOption(
    new Option('--off <rule=reason>', description)
      .argParser<readonly string[]>(collect)
      .default([], 'none'),
  );
}

/** What must hold. */
export function withThresholds(command: Command): Command {
  return withLifeThresholds(command).option(
    '--max-overhead <rate>',
    'fail if a policy costs more packets, e.g. 200/h',
  );
}

/** How a comparison is shown, and what must hold of it. */
export function withPresentation(command: Command): Command {
  return withStrict(withThresholds(command))
    .option('--report <file>', 'also write the report page to this file')
    .option('--verbose', 'every scenario, however many');
}
