/**
 * `npm run bench`: how fast the project is, in ratios to a reference row of the same run. `--save` keeps them in bench/baseline.json,
 * `--compare` holds this run against those and fails where a row became half as slow again or an entry loads a tenth more modules.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lives } from './lives.ts';
import { loading } from './loading.ts';
import { machines } from './machines.ts';
import { measure } from './measure.ts';
import { reference, referenceSum } from './reference.ts';
import { statements } from './statements.ts';

/** What is kept of a row: nothing that another machine would make different. */
interface Kept {
  readonly ratio: number;
  readonly modules?: number;
}

/** What a busy neighbour makes of a row that has not changed is below 1.4. */
const SLOWER_LIMIT = 1.5;
const MORE_MODULES_LIMIT = 1.1;

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

const timed = measure([reference, ...lives, ...machines, ...statements], rounds);
const started = loading(rounds);
const kept = new Map<string, Kept>([
  ...timed.map(({ name, ratio }) => [name, { ratio: rounded(ratio) }] as const),
  ...started.map(({ name, ratio, modules }) => [name, { ratio: rounded(ratio), modules }] as const),
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
console.table(
  [...kept].map(([row, { ratio, modules }]) => {
    const was = before[row];
    if (was !== undefined && ratio > was.ratio * SLOWER_LIMIT) {
      worse.push(`${row}: ${ratio} times the reference, was ${was.ratio}`);
    }
    if (modules !== undefined && modules > (was?.modules ?? modules) * MORE_MODULES_LIMIT) {
      worse.push(`${row}: ${modules} modules, was ${was?.modules ?? 0}`);
    }
    return {
      row,
      here: nowOf.get(row),
      'times the reference': ratio,
      ...(modules === undefined ? {} : { modules }),
      ...(was === undefined ? {} : { before: was.ratio, change: rounded(ratio / was.ratio) }),
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
