/**
 * `npm run bench`: how fast the project is, beside what others would write for the same story, and in ratios to a reference row of the same run.
 * `--save` keeps the ratios in bench/baseline.json, `--compare` holds this run against those and fails where a row became half as slow again, an entry
 * loads a tenth more modules, or a life takes a tenth more calls. `--rounds` of the rows; beside the peers there are a quarter of them, five at least.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countCalls } from './calls.ts';
import { lives } from './lives.ts';
import { loading } from './loading.ts';
import { machines } from './machines.ts';
import { measure } from './measure.ts';
import { besidePeers, type Spread } from './peers/index.ts';
import { reference, referenceSum } from './reference.ts';
import { statements } from './statements.ts';

/** What is kept of a row: nothing that another machine would make different. */
interface Kept {
  readonly ratio?: number;
  readonly modules?: number;
  readonly calls?: number;
}

/** What a busy neighbour makes of a row that has not changed is below 1.4. */
const SLOWER_LIMIT = 1.5;
/** What no neighbour changes may be told sooner. */
const MORE_LIMIT = 1.1;

/** Of the peers: fewer say nothing. */
const LEAST_PEER_ROUNDS = 5;

const BASELINE = new URL('baseline.json', import.meta.url);

const { values } = parseArgs({
  options: {
    save: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '30' },
  },
});
const rounds = Number(values.rounds);

const rounded = (value: number): number => Number(value.toPrecision(3));

const inWords = ({ median, least, most }: Spread): string =>
  `${rounded(median)} [${rounded(least)} to ${rounded(most)}]`;

const beside = await besidePeers(Math.max(LEAST_PEER_ROUNDS, Math.ceil(rounds / 4)));
console.table(
  beside.map(({ name, livesPerS, timesAsMany }) => ({
    'the same lives, played by': name,
    'lives per s of processor time': inWords(livesPerS),
    'Ghostbound of that': inWords(timesAsMany),
  })),
);

const timed = measure([reference, ...lives, ...machines, ...statements], rounds);
const started = loading(rounds);
const called = await countCalls();
const kept = new Map<string, Kept>([
  ...beside
    .slice(1)
    .map(
      ({ name, timesAsMany }) =>
        [`a life, over one of: ${name}`, { ratio: rounded(1 / timesAsMany.median) }] as const,
    ),
  ...timed.map(({ name, ratio }) => [name, { ratio: rounded(ratio) }] as const),
  ...started.map(({ name, ratio, modules }) => [name, { ratio: rounded(ratio), modules }] as const),
  ...called.map(({ name, calls }) => [name, { calls }] as const),
]);
const before: Readonly<Record<string, Kept>> =
  values.compare && existsSync(BASELINE)
    ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Record<string, Kept>)
    : {};

const nowOf = new Map<string, string>([
  ...timed.map(({ name, us }) => [name, `${rounded(us)} µs`] as const),
  ...started.map(({ name, ms }) => [name, `${rounded(ms)} ms`] as const),
]);
const worse: string[] = [];
function hold(
  row: string,
  now: number | undefined,
  was: number | undefined,
  limit: number,
  what: string,
): void {
  if (now !== undefined && was !== undefined && now > was * limit) {
    worse.push(`${row}: ${now} ${what}, was ${was}`);
  }
}
console.table(
  [...kept].map(([row, { ratio, modules, calls }]) => {
    const was = before[row];
    hold(row, ratio, was?.ratio, SLOWER_LIMIT, 'times the reference');
    hold(row, modules, was?.modules, MORE_LIMIT, 'modules');
    hold(row, calls, was?.calls, MORE_LIMIT, 'calls');
    const [now, then] = [ratio ?? calls, was?.ratio ?? was?.calls];
    return {
      row,
      here: nowOf.get(row) ?? '',
      ...(ratio === undefined ? {} : { 'times the reference': ratio }),
      ...(modules === undefined ? {} : { modules }),
      ...(calls === undefined ? {} : { 'calls a life': calls }),
      ...(now === undefined || then === undefined
        ? {}
        : { before: then, change: rounded(now / then) }),
    };
  }),
);
console.log(`sum of the reference ${referenceSum()}`);
if (values.save) {
  writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}
if (values.compare && Object.keys(before).length === 0) {
  console.error('nothing to compare with: npm run bench -- --save');
  process.exitCode = 1;
}
for (const line of worse) console.error(`slower: ${line}`);
if (worse.length > 0) process.exitCode = 1;
