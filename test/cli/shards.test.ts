import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { parseShard } from '../../cli/grid/parse-shard.ts';
import { ghostbound, program } from './command.ts';

describe('--shard', () => {
  it.each([
    ['2/8', {}, 1, 8],
    ['auto/8', { JOB_COMPLETION_INDEX: '0' }, 0, 8],
    ['auto/8', { JOB_COMPLETION_INDEX: '7' }, 7, 8],
    ['auto/3', { AWS_BATCH_JOB_ARRAY_INDEX: '2' }, 2, 3],
    ['auto', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '4' }, 0, 4],
    ['auto', { CIRCLE_NODE_INDEX: '3', CIRCLE_NODE_TOTAL: '4' }, 3, 4],
    ['auto', { BUILDKITE_PARALLEL_JOB: '0', BUILDKITE_PARALLEL_JOB_COUNT: '2' }, 0, 2],
    ['auto', slurm('1', '1', '8'), 0, 8],
    ['auto', slurm('107', '100', '8'), 7, 8],
  ])('%s with %j is share %i, from 0, of %i', (input, variables, index, count) => {
    expect(parseShard(input, variables)).toEqual({ ok: true, value: { index, count } });
  });

  it.each([
    ['auto', {}, '"auto", and none of them is set'],
    ['auto', { JOB_COMPLETION_INDEX: '1' }, '"auto" with JOB_COMPLETION_INDEX'],
    ['auto/2', { JOB_COMPLETION_INDEX: '2' }, 'JOB_COMPLETION_INDEX=2 of 2'],
    ['auto/2', { JOB_COMPLETION_INDEX: 'one' }, 'JOB_COMPLETION_INDEX=one of 2'],
    // Every fourth task: the numbers leave gaps.
    ['auto', slurm('4', '0', '4'), 'SLURM_ARRAY_TASK_ID=4 of 4'],
    ['0/2', {}, '"0/2"'],
    ['auto/', {}, '"auto/"'],
  ])('%s with %j is refused: received %s', (input, variables, received) => {
    const shard = parseShard(input, variables);
    expect(shard.ok ? [] : shard.issues.map((issue) => issue.received)).toEqual([received]);
  });
});

function slurm(id: string, first: string, count: string) {
  return {
    SLURM_ARRAY_TASK_ID: id,
    SLURM_ARRAY_TASK_MIN: first,
    SLURM_ARRAY_TASK_COUNT: count,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-shards-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/shards/${name}`, import.meta.url)), 'utf8');

const NPX = 'npx --yes ghostbound';

/** A command of an example as it stands, but for a few runs of one cell in our own folder. */
const ours = (command: string): string =>
  command
    .replaceAll(/--policy \S+ --runs \d+/g, '--policy none --scenario crash --runs 40')
    .replaceAll('share-', `${folder}/share-`)
    .replaceAll('/shares/', `${folder}/kubernetes-`);

type Variables = Readonly<Record<string, string>>;

const inShell = (line: string, variables: Variables): string =>
  execFileSync('sh', ['-c', line], {
    env: { PATH: process.env['PATH'], ...variables },
    encoding: 'utf8',
  });

/** Runs it with the compiled program. */
function runExample(command: string, variables: Variables): void {
  inShell(ours(command).replaceAll(NPX, `"${process.execPath}" "${program}"`), variables);
}

/** Runs what a shell makes of it in this process. */
async function playExample(command: string, variables: Variables): Promise<void> {
  const words = inShell(ours(command).replaceAll(NPX, String.raw`printf '%s\0'`), variables);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const ended = await ghostbound(words.split('\0').slice(0, -1));
  vi.unstubAllEnvs();
  expect(ended).toMatchObject({ code: 0, out: '' });
}

const whole = ['compare', '--policy', 'none', '--scenario', 'crash', '--runs', '40', '--json'];

async function expectWhole(names: readonly string[]): Promise<void> {
  const merged = await ghostbound(['merge', ...names.map((name) => join(folder, name)), '--json']);
  expect(merged.out).toBe((await ghostbound(whole)).out);
}

const countTo = (count: number, from: number) => Array.from({ length: count }, (_, i) => i + from);

describe('the examples of docs/shards, put together, give the bytes of one comparison', () => {
  it('kubernetes-job.yaml', async () => {
    const { spec } = parse(example('kubernetes-job.yaml'));
    expect(spec.completionMode).toBe('Indexed');
    const [command] = spec.template.spec.containers[0].args;
    const pods = countTo(spec.completions, 0);
    const [first, ...others] = pods.map((pod) => ({ JOB_COMPLETION_INDEX: String(pod) }));
    runExample(command, first ?? {});
    for (const variables of others) await playExample(command, variables);
    await expectWhole(pods.map((pod) => `kubernetes-${pod}.json`));
  });

  it('slurm-array.sh', async () => {
    const script = example('slurm-array.sh');
    const [, first, last] = /--array=(\d+)-(\d+)/.exec(script) ?? [];
    const tasks = countTo(Number(last) - Number(first) + 1, Number(first));
    for (const task of tasks) {
      await playExample(script, slurm(String(task), String(first), String(tasks.length)));
    }
    await expectWhole(tasks.map((task) => `share-${task}.json`));
  });

  it('github-matrix.yml', async () => {
    const { share: sharing } = parse(example('github-matrix.yml')).jobs;
    const [, { run }] = sharing.steps;
    const shares: number[] = sharing.strategy.matrix.share;
    for (const share of shares) await playExample(run.replaceAll('${{ matrix.share }}', share), {});
    await expectWhole(shares.map((share) => `share-${share}.json`));
  });
});
