/** Rare states and drawn scenarios on the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../model/results/types.ts';
import { compiled, ghostbound } from './command.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ghostbound-stories-'));
  // The window of a frozen client closes only if somebody sends.
  const idle = {
    kind: 'fault',
    name: 'never-told',
    reaches: 'zero-window',
    fault: { kind: 'freeze' },
  };
  writeFileSync(join(directory, 'never-told.json'), JSON.stringify(idle));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (): string => join(directory, 'never-told.json');

describe('a rare state that never comes', () => {
  it('fails a comparison with 6, and says which and why', async () => {
    const ended = await ghostbound([
      'compare',
      '--policy',
      'none',
      '--scenario',
      file(),
      '--runs',
      '5',
    ]);
    expect(ended.code).toBe(6);
    expect(ended.err).toContain(
      "never-told: none of 5 runs came to zero-window: the peer's receive window is closed",
    );
    expect(ended.err).toContain(`replay: ghostbound compare --policy none --scenario ${file()}`);
  });

  it('fails a run with 6', async () => {
    const ended = await ghostbound(['run', '--policy', 'none', '--scenario', file()]);
    expect(ended.code).toBe(6);
    expect(ended.err).toContain('the run never came to zero-window');
  });

  it('is excused where the policy ended the connection first: nothing fails for nothing', async () => {
    const words = ['--policy', 'alive-flag-sweep', '--scenario', file()];
    expect((await ghostbound(['compare', ...words, '--runs', '5'])).code).toBe(0);
    expect((await ghostbound(['run', ...words])).code).toBe(0);
  });

  it('fails the scenario only where no row of it was told', async () => {
    const words = ['--policy', 'none', '--policy', 'alive-flag-sweep', '--runs', '5'];
    const prevented = await ghostbound([
      'compare',
      ...words,
      '--scenario',
      'nat-forgets',
      '--json',
    ]);
    expect(prevented.code).toBe(0);
    const { rows } = JSON.parse(prevented.out) as Comparison;
    expect(rows.map(({ rareState }) => rareState)).toEqual([
      { name: 'flow-forgotten', reached: 5, samples: 5 },
      { name: 'flow-forgotten', reached: 0, samples: 0 },
    ]);
  });
});

describe('--swarm', () => {
  const words = ['compare', '--policy', 'none', '--runs', '3', '--seed', '11', '--json'];

  it('draws scenarios that their names select again, with the same seed', async () => {
    const swarm = await ghostbound([...words, '--swarm', '4']);
    const rows = (JSON.parse(swarm.out) as Comparison).rows;
    expect(rows.map(({ scenario }) => scenario)).toEqual([
      'swarm-0',
      'swarm-1',
      'swarm-2',
      'swarm-3',
    ]);
    const one = await ghostbound([...words, '--scenario', 'swarm-2']);
    expect((JSON.parse(one.out) as Comparison).rows).toEqual([rows[2]]);
  });

  it('prints the same bytes for any number of threads', async () => {
    const all = [...words, '--swarm', '12'];
    const single = await ghostbound([...all, '--jobs', '1']);
    expect(compiled([...all, '--jobs', '2']).out).toBe(single.out);
  });

  it('shows one as the file that the other verbs accept', async () => {
    const shown = await ghostbound(['scenarios', 'show', 'swarm-2', '--seed', '11']);
    expect(shown.code).toBe(0);
    const path = join(directory, 'drawn.json');
    writeFileSync(path, shown.out);
    const fromFile = await ghostbound([...words, '--scenario', path]);
    const byName = await ghostbound([...words, '--scenario', 'swarm-2']);
    expect(fromFile.out).toBe(byName.out);
  });

  it('repeats itself in its last line, and refuses what is no number', async () => {
    const text = await ghostbound(['compare', '--policy', 'none', '--swarm', '2', '--runs', '2']);
    expect(text.out.trimEnd()).toMatch(
      /repeat: ghostbound compare --policy none --swarm 2 .*--seed 1$/,
    );
    const refused = await ghostbound(['compare', '--policy', 'none', '--swarm', 'many']);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--swarm');
  });
});

describe('--swarm-policies', () => {
  const words = ['compare', '--scenario', 'vanish-idle', '--runs', '2', '--seed', '11', '--json'];

  it('draws policies that their names select again, with the same seed', async () => {
    const swarm = await ghostbound([...words, '--swarm-policies', '4']);
    const rows = (JSON.parse(swarm.out) as Comparison).rows;
    expect(rows.map(({ policy }) => policy)).toEqual([0, 1, 2, 3].map((i) => `swarm-policy-${i}`));
    const one = await ghostbound([...words, '--policy', 'swarm-policy-2']);
    expect((JSON.parse(one.out) as Comparison).rows).toEqual([rows[2]]);
  });

  it('shows one as the file that the other verbs accept', async () => {
    const shown = await ghostbound(['policies', 'show', 'swarm-policy-2', '--seed', '11']);
    expect(shown.code).toBe(0);
    const path = join(directory, 'drawn-policy.json');
    writeFileSync(path, shown.out);
    const fromFile = await ghostbound([...words, '--policy', path]);
    expect(fromFile.out).toBe((await ghostbound([...words, '--policy', 'swarm-policy-2'])).out);
  });
});
