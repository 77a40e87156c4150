/**
 * A share of a comparison as a file: everything it was made from, and the parts it yielded, so that
 * `merge` needs nothing else and can tell shares that do not belong together.
 */
import type { Issue, Result } from '../model/issue.ts';
import { policyShape } from '../model/schema/policy.ts';
import { scenarioShape } from '../model/schema/scenario.ts';
import { checkShape } from '../model/schema/check.ts';
import {
  boolean,
  choice,
  integer,
  object,
  optional,
  required,
  text,
  type ListShape,
  type Shape,
} from '../model/schema/shape.ts';
import {
  planChunks,
  type CellPart,
  type Chunk,
  type EndedBy,
  type Shard,
} from '../scenarios/compare/index.ts';
import { formatSeed, parseSeed } from '../sim/random.ts';
import { readDocument } from './file-kinds.ts';
import type { SelectionFlags } from './flags.ts';
import type { Grid } from './grid.ts';
import { MOST_RUNS } from './options.ts';
import type { Chosen } from './select.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';

/** More shares than this is a mistyped number. */
const MOST_SHARDS = 100_000;

/** What a shard's file holds. */
export interface ShardDocument {
  readonly schemaVersion: 1;
  readonly kind: 'shard';
  readonly index: number;
  readonly count: number;
  readonly seed: string;
  readonly runs: number;
  /** The flags as typed, for the command that repeats the whole. */
  readonly selected: SelectionFlags;
  readonly policies: readonly Chosen<Policy>[];
  readonly scenarios: readonly Chosen<Scenario>[];
  readonly parts: readonly CellPart[];
}

function listOf(item: Shape): ListShape {
  return {
    type: 'list',
    description: 'In order.',
    item,
    minItems: 0,
    maxItems: Infinity,
    unique: false,
  };
}

const whole = (least: number): Shape => integer('A count.', least, Number.MAX_SAFE_INTEGER);
const word = text('A word of the command line.', 10_000);
const chosen = (thing: Shape): Shape =>
  object<Chosen<unknown>>('A thing and what selects it.', {
    thing: required(thing),
    selector: required(word),
  });

const chunkShape = object<Chunk>('A range of runs of one cell.', {
  policy: required(whole(0)),
  scenario: required(whole(0)),
  firstRun: required(whole(0)),
  runs: required(whole(1)),
});

const endedShape = object<EndedBy>('Living peers that one thing ended.', {
  by: required(text('What ended them.', 200)),
  count: required(whole(1)),
  earliestUs: required(whole(0)),
});

const partShape = object<CellPart>('What the range yielded.', {
  chunk: required(chunkShape),
  ghostUs: required(listOf(whole(0))),
  releasedUs: required(listOf(whole(0))),
  undetected: required(whole(0)),
  unreleased: required(whole(0)),
  prevented: required(whole(0)),
  falseReaps: required(whole(0)),
  endedAlive: required(listOf(endedShape)),
  closedInOrder: required(whole(0)),
  packets: required(whole(0)),
  bytes: required(whole(0)),
  wakeups: required(whole(0)),
  livedUs: required(whole(0)),
  exhaustionUs: required(listOf(whole(0))),
  neverExhausted: required(whole(0)),
  figures: required(listOf(listOf(whole(0)))),
  figuresNever: required(listOf(whole(0))),
  rareReached: required(whole(0)),
  rareSamples: required(whole(0)),
  livesShort: required(boolean('The policy ends a connection with which nothing is wrong.')),
  digest: required({ ...listOf(whole(Number.MIN_SAFE_INTEGER)), minItems: 2, maxItems: 2 }),
});

const shardShape = object<ShardDocument>('A share of a comparison.', {
  schemaVersion: required(choice('Version of this format.', [1])),
  kind: required(choice('What the file is.', ['shard'])),
  index: required(integer('Which share, from 1.', 1, MOST_SHARDS)),
  count: required(integer('Of how many.', 1, MOST_SHARDS)),
  seed: required(text('Seed of all runs.', 20)),
  runs: required(integer('Runs per cell.', 1, MOST_RUNS)),
  selected: required(
    object<SelectionFlags>('The flags as typed.', {
      policy: required(listOf(word)),
      scenario: required(listOf(word)),
      swarm: optional(word),
      swarmPolicies: optional(word),
    }),
  ),
  policies: required(listOf(chosen(policyShape))),
  scenarios: required(listOf(chosen(scenarioShape))),
  parts: required(listOf(partShape)),
});

/** `--shard K/N`: the K-th of N equal shares, from 1. */
export function parseShard(input: string): Result<Shard> {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(input);
  const index = Number(match?.[1] ?? 0);
  const count = Number(match?.[2] ?? 0);
  if (index >= 1 && index <= count && count <= MOST_SHARDS) {
    return { ok: true, value: { index: index - 1, count } };
  }
  const expected = `K/N with K from 1 to N and N at most ${MOST_SHARDS}, such as 2/8`;
  const received = JSON.stringify(input);
  return { ok: false, issues: [{ code: 'bad-option', path: '--shard', received, expected }] };
}

function chosenOf<T extends { readonly name: string }>(
  things: readonly T[],
  selectors: ReadonlyMap<string, string>,
): Chosen<T>[] {
  return things.map((thing) => ({ thing, selector: selectors.get(thing.name) ?? thing.name }));
}

/** The file of one share. */
export function shardDocument(
  grid: Grid,
  selected: SelectionFlags,
  shard: Shard,
  parts: readonly CellPart[],
): ShardDocument {
  return {
    schemaVersion: 1,
    kind: 'shard',
    index: shard.index + 1,
    count: shard.count,
    seed: formatSeed(grid.seed),
    runs: grid.runs,
    selected: {
      policy: selected.policy,
      scenario: selected.scenario,
      ...(selected.swarm !== undefined && { swarm: selected.swarm }),
      ...(selected.swarmPolicies !== undefined && { swarmPolicies: selected.swarmPolicies }),
    },
    policies: chosenOf(grid.policies, grid.policySelectors),
    scenarios: chosenOf(grid.scenarios, grid.scenarioSelectors),
    parts: parts.toSorted((a, b) => chunkOrder(a.chunk, b.chunk)),
  };
}

function chunkOrder(a: Chunk, b: Chunk): number {
  return a.policy - b.policy || a.scenario - b.scenario || a.firstRun - b.firstRun;
}

/** A share as read, with the name of its file. */
interface NamedShard {
  readonly path: string;
  readonly document: ShardDocument;
}

function complete({ path, document }: NamedShard): Issue[] {
  const { policies, scenarios, runs, index, count, parts } = document;
  const shard = { index: index - 1, count };
  const planned = index > count ? [] : planChunks(policies.length, scenarios.length, runs, shard);
  const present = parts.map(({ chunk }) => chunk).toSorted(chunkOrder);
  const same =
    planned.length === present.length &&
    planned.every((chunk, i) => JSON.stringify(chunk) === JSON.stringify(present[i]));
  if (same) return [];
  const received = `${present.length} ranges`;
  const expected = `the ${planned.length} ranges of runs that share ${index}/${count} has`;
  return [{ code: 'incomplete-shard', path: `${path}: parts`, received, expected }];
}

/** Reads and checks one file. */
export function readShard(path: string): Result<NamedShard> {
  const read = readDocument(path, 'merge', ['share']);
  if (!read.ok) return read;
  const checked = checkShape(shardShape, read.value.json, path, 'shard');
  if (!checked.ok) return checked;
  const named = { path, document: checked.value as ShardDocument };
  const issues = complete(named);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: named };
}

/** What all shares of one comparison have in common. */
function commonText({ count, seed, runs, selected, policies, scenarios }: ShardDocument): string {
  return JSON.stringify([count, seed, runs, selected, policies, scenarios]);
}

function strangers([first, ...others]: readonly NamedShard[]): Issue[] {
  if (first === undefined) return [];
  const common = commonText(first.document);
  return others
    .filter(({ document }) => commonText(document) !== common)
    .map(({ path }) => ({
      code: 'foreign-shard',
      path,
      received: 'a share of another comparison',
      expected: `the policies, scenarios, runs, seed and number of shares of ${first.path}`,
    }));
}

function gaps(shards: readonly NamedShard[]): Issue[] {
  const count = shards[0]?.document.count ?? 0;
  const have = shards.map(({ document }) => document.index).toSorted((a, b) => a - b);
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((k) => !have.includes(k));
  const twice = [...new Set(have.filter((index, i) => have[i + 1] === index))];
  const issue = (code: string, received: string): Issue[] => [
    { code, path: 'merge', received, expected: `each of the ${count} shares once` },
  ];
  return [
    ...(missing.length > 0 ? issue('missing-shard', `no share ${missing.join(', ')}`) : []),
    ...(twice.length > 0 ? issue('repeated-shard', `share ${twice.join(', ')} twice`) : []),
  ];
}

/** All shares of one comparison put together. */
export interface WholeGrid {
  readonly grid: Grid;
  readonly selected: SelectionFlags;
  readonly parts: readonly CellPart[];
}

/** Puts the shares together, or says why they make no whole. */
export function joinShards(shards: readonly NamedShard[]): Result<WholeGrid> {
  const [first] = shards;
  if (first === undefined) {
    const expected = 'the files of all shares';
    return { ok: false, issues: [{ code: 'no-shard', path: 'merge', received: 'none', expected }] };
  }
  const foreign = strangers(shards);
  const issues = foreign.length > 0 ? foreign : gaps(shards);
  if (issues.length > 0) return { ok: false, issues };
  const { document, path } = first;
  const seed = parseSeed(document.seed, `${path}: seed`);
  if (!seed.ok) return seed;
  const selectors = (all: readonly Chosen<{ readonly name: string }>[]): Map<string, string> =>
    new Map(all.map(({ thing, selector }) => [thing.name, selector]));
  const grid: Grid = {
    policies: document.policies.map(({ thing }) => thing),
    scenarios: document.scenarios.map(({ thing }) => thing),
    runs: document.runs,
    seed: seed.value,
    jobs: 1,
    policySelectors: selectors(document.policies),
    scenarioSelectors: selectors(document.scenarios),
  };
  const parts = shards.flatMap((shard) => shard.document.parts);
  return { ok: true, value: { grid, selected: document.selected, parts } };
}
