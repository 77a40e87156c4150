/** How many lives `verify` plays in a cell where nobody says so. */
import { expect, it } from 'vitest';
import { effortFor, MANY_CELLS, ofMany, usual } from '../../cli/verbs/verify-effort.ts';
import { ghostbound } from './command.ts';

it('a policy on its stories has all of them; of a thousand cells each has fewer, and never more', () => {
  expect(effortFor(25)).toEqual({ runs: 200, phases: 64 });
  expect(effortFor(MANY_CELLS - 1)).toEqual(usual);
  expect(effortFor(MANY_CELLS)).toEqual(ofMany);
  expect(effortFor(162 * 25)).toEqual({ runs: 40, phases: 16 });
});

it('says so in help, and in what it prints', async () => {
  const { out } = await ghostbound(['verify', '--help']);
  const help = out.replace(/\s+/g, ' ');
  expect(help).toContain('(default: 200; 40 from 1000 cells on)');
  expect(help).toContain('(default: 64; 16 from 1000 cells on)');
  const shown = await ghostbound(['verify', '--policy', 'none', '--scenario', 'crash']);
  expect(shown.out).toContain('1 cell × 200 runs and 64 phases');
});
