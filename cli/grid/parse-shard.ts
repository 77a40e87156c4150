/** `--shard`: which share of a comparison to play, as it is written, or as whoever has started this copy numbers it. */
import type { Result } from '../../model/issue.ts';
import type { Shard } from '../../scenarios/compare/index.ts';

/** More shares than this is a mistyped number. */
export const MOST_SHARDS = 100_000;

/** What starts the same command many times, and by which variables it numbers the copies. */
interface Numbering {
  readonly index: string;
  /** The number of the first copy, or the variable that has it. */
  readonly first: number | string;
  /** The variable that tells how many there are, where one does. */
  readonly count?: string;
}

const NUMBERINGS: readonly Numbering[] = [
  // Kubernetes, completionMode: Indexed.
  { index: 'JOB_COMPLETION_INDEX', first: 0 },
  // Slurm, sbatch --array; a step other than 1 is refused below, for its numbers leave gaps.
  {
    index: 'SLURM_ARRAY_TASK_ID',
    first: 'SLURM_ARRAY_TASK_MIN',
    count: 'SLURM_ARRAY_TASK_COUNT',
  },
  { index: 'AWS_BATCH_JOB_ARRAY_INDEX', first: 0 },
  // GitLab CI, parallel: N.
  { index: 'CI_NODE_INDEX', first: 1, count: 'CI_NODE_TOTAL' },
  { index: 'CIRCLE_NODE_INDEX', first: 0, count: 'CIRCLE_NODE_TOTAL' },
  { index: 'BUILDKITE_PARALLEL_JOB', first: 0, count: 'BUILDKITE_PARALLEL_JOB_COUNT' },
];

type Variables = Readonly<Record<string, string | undefined>>;

function refused(received: string, expected: string): Result<Shard> {
  return { ok: false, issues: [{ code: 'bad-option', path: '--shard', received, expected }] };
}

function shardOf(index: number, count: number): Shard | null {
  const fits = Number.isInteger(index) && index >= 0 && index < count && count <= MOST_SHARDS;
  return fits ? { index, count } : null;
}

/** @param count as it is written; undefined where the variables have to tell it */
function numbered(input: string, count: number | undefined, variables: Variables): Result<Shard> {
  const numbering = NUMBERINGS.find(({ index }) => variables[index] !== undefined);
  if (numbering === undefined) {
    const expected = `one of the variables ${NUMBERINGS.map(({ index }) => index).join(', ')}`;
    return refused(`"${input}", and none of them is set`, expected);
  }
  const numberOf = (name: string | undefined): number =>
    Number(name === undefined ? NaN : (variables[name] ?? NaN));
  const { index, first } = numbering;
  const of = count ?? numberOf(numbering.count);
  if (Number.isNaN(of))
    return refused(`"auto" with ${index}`, 'auto/N: it does not say how many there are');
  const from = typeof first === 'number' ? first : numberOf(first);
  const shard = shardOf(numberOf(index) - from, of);
  if (shard !== null) return { ok: true, value: shard };
  const received = `${index}=${variables[index] ?? ''} of ${of}`;
  return refused(received, `a number from ${from} to ${from + of - 1}`);
}

/**
 * `--shard K/N`: the K-th of N equal shares, from 1. `--shard auto`: the one that a job array or a matrix has numbered this
 * copy by; `auto/N` where it does not say of how many.
 *
 * @param variables the environment
 * @example
 * parseShard('auto/8', { JOB_COMPLETION_INDEX: '0' }) // => { ok: true, value: { index: 0, count: 8 } }
 */
export function parseShard(input: string, variables: Variables = process.env): Result<Shard> {
  const auto = /^auto(?:\/(\d{1,6}))?$/.exec(input);
  if (auto !== null) {
    return numbered(input, auto[1] === undefined ? undefined : Number(auto[1]), variables);
  }
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(input) ?? [];
  const shard = shardOf(Number(index ?? NaN) - 1, Number(count ?? NaN));
  if (shard !== null) return { ok: true, value: shard };
  const expected = `K/N with K from 1 to N and N at most ${MOST_SHARDS}, such as 2/8; or auto, auto/N`;
  return refused(JSON.stringify(input), expected);
}
