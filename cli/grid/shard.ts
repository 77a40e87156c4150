/**
 * A share of a comparison as a file: everything it was made from, and the parts it yielded, so that
 * `merge` needs nothing else and can tell shares that do not belong together.
 */
import type { Issue, Result } from '../../model/issue.ts';
import { environmentSchema } from '../../model/schema/environment.ts';
import { version } from '../../model/schema/outputs.ts';
import { parse } from '../../model/schema/parse.ts';
import { policySchema } from '../../model/policy/schema.ts';
import { scenarioSchema } from '../../model/scenario/schema.ts';
import {
  boolean,
  choice,
  integer,
  list,
  object,
  optional,
  text,
  type Canonical,
  type Word,
} from '../../model/schema/words.ts';
import {
  planChunks,
  type CellPart,
  type Chunk,
  type Shard,
} from '../../scenarios/compare/index.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { readDocument } from '../files/kinds.ts';
import { environmentFlags } from '../arguments/environment.ts';
import type { SelectionFlags } from '../arguments/flags.ts';
import type { Grid } from './grid.ts';
import { MOST_SHARDS } from './parse-shard.ts';
import { MOST_RUNS } from '../arguments/options.ts';
import type { Chosen } from '../arguments/select.ts';

const listOf = <W extends Word>(item: W) => list('In order.', item);
const whole = (least: number) => integer('A count.', least, Number.MAX_SAFE_INTEGER);
const word = text('A word of the command line.', 10_000);
const chosen = <W extends Word>(thing: W) =>
  object('A thing and what selects it.', {
    thing: thing,
    selector: word,
  });

const chunkSchema = object('A range of runs of one cell.', {
  policy: whole(0),
  scenario: whole(0),
  firstRun: whole(0),
  runs: whole(1),
});

const endedSchema = object('Living peers that one thing ended.', {
  by: text('What ended them.', 200),
  count: whole(1),
  earliestUs: whole(0),
});

const partSchema = object('What the range yielded.', {
  chunk: chunkSchema,
  ghostUs: listOf(whole(0)),
  releasedUs: listOf(whole(0)),
  undetected: whole(0),
  unreleased: whole(0),
  prevented: whole(0),
  falseReaps: whole(0),
  endedAlive: listOf(endedSchema),
  closedInOrder: whole(0),
  packets: whole(0),
  bytes: whole(0),
  wakeups: whole(0),
  livedUs: whole(0),
  exhaustionUs: listOf(whole(0)),
  neverExhausted: whole(0),
  figures: listOf(listOf(whole(0))),
  figuresNever: listOf(whole(0)),
  rareReached: whole(0),
  rareSamples: whole(0),
  livesShort: boolean('The policy ends a connection with which nothing is wrong.'),
  digest: list('Two words of a hash.', whole(Number.MIN_SAFE_INTEGER), {
    minItems: 2,
    maxItems: 2,
  }),
});

const shardSchema = object('A share of a comparison.', {
  schemaVersion: version,
  kind: choice('What the file is.', ['shard']),
  index: integer('Which share, from 1.', 1, MOST_SHARDS),
  count: integer('Of how many.', 1, MOST_SHARDS),
  seed: text('Seed of all runs.', 20),
  runs: integer('Runs per cell.', 1, MOST_RUNS),
  selected: object('The flags as typed.', {
    policy: listOf(word),
    scenario: listOf(word),
    swarm: optional(word),
    swarmPolicies: optional(word),
    rtt: optional(word),
    hz: optional(word),
    sysctl: optional(listOf(word)),
    socketOption: optional(listOf(word)),
  }),
  environment: optional(environmentSchema),
  policies: listOf(chosen(policySchema)),
  scenarios: listOf(chosen(scenarioSchema)),
  parts: listOf(partSchema),
});
/** What a shard's file holds. */
export interface ShardDocument extends Omit<Canonical<typeof shardSchema>, 'parts'> {
  /** Their digests are two words: the list has two items. */
  readonly parts: readonly CellPart[];
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
      ...environmentFlags(selected),
      policy: selected.policy,
      scenario: selected.scenario,
      ...(selected.swarm !== undefined && { swarm: selected.swarm }),
      ...(selected.swarmPolicies !== undefined && { swarmPolicies: selected.swarmPolicies }),
    },
    ...(grid.environment !== undefined && { environment: grid.environment }),
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
  const checked = parse(shardSchema, read.value.json, path, 'shard');
  if (!checked.ok) return checked;
  const named = { path, document: checked.value as ShardDocument };
  const issues = complete(named);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: named };
}

/** What all shares of one comparison have in common. */
function commonText(document: ShardDocument): string {
  const { count, seed, runs, selected, environment, policies, scenarios } = document;
  return JSON.stringify([count, seed, runs, selected, environment, policies, scenarios]);
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
    ...(document.environment !== undefined && { environment: document.environment }),
    seed: seed.value,
    jobs: 1,
    known: null,
    policySelectors: selectors(document.policies),
    scenarioSelectors: selectors(document.scenarios),
  };
  const parts = shards.flatMap((shard) => shard.document.parts);
  return { ok: true, value: { grid, selected: document.selected, parts } };
}
