/** `verify` as users meet it: the table, the document, the certificate, the exit codes. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verificationText } from '../../cli/text/verification.ts';
import { failuresOfRow, nothingProved } from '../../cli/checks/witnesses.ts';
import { checkCertificate } from '../../model/certificate/index.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { Verification, VerificationRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { InputError } from '../../model/issue.ts';
import { certify } from '../../proof/certificate.ts';
import { verify } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compiled, ghostbound } from './command.ts';
import { expectSchema } from './schemas.ts';
import { captured } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const few = ['--scenario', 'vanish-idle', '--scenario', 'live-outage-9s', '--runs', '20'];
const sweep = ['verify', '--policy', 'alive-flag-sweep', ...few];

const head = { schemaVersion: 1, seed: '1', phases: 64, withoutOne: [] } as const;

describe('verify', () => {
  it('shows what is stated and every witness side by side, and the seed first and last', async () => {
    const { code, out, err } = await ghostbound(sweep);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ghostbound \S+ · seed 1 · 2 cells × 20 runs and 64 phases$/);
    const row = lines.find((line) => line.includes('vanish-idle'))?.trim();
    // B = 2 · 30 s − 25 ms by reachability, phases; a random life comes near.
    expect(row).toMatch(/^vanish-idle(?: +60\.0 s){3} +5\d\.\d s .* ✓ agree$/);
    expect(out).toContain('2 of 2 cells agree');
    const command = sweep.join(' ').replace(' --runs 20', ' --runs 20 --seed 1 --phases 64');
    expect(lines.at(-1)).toBe(`repeat: ghostbound ${command}`);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('prints one document with --json, the same for any number of threads', async () => {
    const { code, out } = compiled([...sweep, '--json']);
    expectSchema('verify', out);
    expect(code).toBe(0);
    expect((await ghostbound([...sweep, '--json'])).out).toBe(out);
    const library = verify(presets['alive-flag-sweep'] as Policy, {
      scenarios: ['vanish-idle', 'live-outage-9s'].map((name) => scenarios[name] as Scenario),
      runs: 20,
    });
    expect(JSON.parse(out)).toEqual(library);
  });

  it('writes the certificate that production accepts', async () => {
    const path = join(folder, 'sweep.certificate.json');
    const { code, err } = await ghostbound([...sweep, '--out', path]);
    expect(err).toContain(`wrote ${path}`);
    expect(code).toBe(0);
    const text = readFileSync(path, 'utf8');
    expectSchema('certificate', text);
    const checked = checkCertificate(JSON.parse(text), path);
    expect(checked.ok && checked.value.policy).toEqual(presets['alive-flag-sweep']);
    expect(readdirSync(folder)).toEqual(['sweep.certificate.json']);
  });

  it('ends with 1 where a threshold fails, and says how to replay it', async () => {
    const { code, err } = await ghostbound([...sweep, '--max-ghost', '45s']);
    expect(code).toBe(1);
    const last = err.trimEnd().split('\n').at(-1) ?? '';
    expect(last).toMatch(
      /^replay: ghostbound run .*--scenario vanish-idle .*--index \d+ --max-ghost 45s$/,
    );
    const again = await ghostbound(last.replace('replay: ghostbound ', '').split(' '));
    expect(again.code).toBe(1);
  });

  it('ends with 6 where a threshold speaks of nothing', async () => {
    const { code } = await ghostbound([
      'verify',
      '--policy',
      'none',
      ...few.slice(0, 2),
      '--no-false-reaps',
    ]);
    expect(code).toBe(6);
  });

  it('refuses bad input before the work, and leaves files alone', async () => {
    const path = join(folder, 'kept.json');
    writeFileSync(path, 'kept');
    const two = await ghostbound([
      'verify',
      '--policy',
      'none',
      '--policy',
      'socket.io',
      '--out',
      path,
    ]);
    expect(two.code).toBe(2);
    expect(two.err).toBe(
      'ghostbound: --policy: takes exactly one, for the certificate of --out; it was given 2 policies\n',
    );
    const phases = await ghostbound([...sweep, '--phases', '1', '--runs', 'many', '--out', path]);
    expect(phases.code).toBe(2);
    expect(phases.err).toContain('--phases: received "1"');
    expect(phases.err).toContain('--runs: received "many"');
    expect(readFileSync(path, 'utf8')).toBe('kept');
    const nowhere = join(folder, 'no', 'where.json');
    expect((await ghostbound([...sweep, '--out', nowhere])).code).toBe(2);
    expect(existsSync(nowhere)).toBe(false);
  });
});

describe('a contradiction', () => {
  const [row] = verify(presets['alive-flag-sweep'] as Policy, {
    scenarios: [scenarios['vanish-idle'] as Scenario],
    runs: 5,
  }).rows as [VerificationRow];
  const decided = { ...row.stated.decided, maxMs: 30_000 };
  const outlived: VerificationRow = {
    ...row,
    stated: { ...row.stated, decided },
    verdict: 'ghost-outlived-bound',
    against: ['phases', 'sampled'],
  };

  it('is exit code 4 for a ghost, 3 for a living peer, in the words of each witness', () => {
    const failures = failuresOfRow(outlived);
    expect(failures.map(({ code }) => code)).toEqual([4, 4]);
    expect(failures[0]?.text).toMatch(
      /^the grid of phases found ghosts that live up to 60\.0 s, beyond a bound of 30\.0 s to the decision/,
    );
    expect(failures[1]?.text).toMatch(/^random lives found ghosts that live up to \d+\.\d s/);
    const [reap] = failuresOfRow({ ...row, verdict: 'false-reap', against: ['sampled'] });
    expect(reap?.code).toBe(3);
    expect(reap?.text).toMatch(
      /^random lives found a living peer reaped, .* tolerate silences below 16\.3 s/,
    );
  });

  it('is shown in its row, and kept where many rows are summed up', () => {
    const rows = [outlived, ...Array.from({ length: 120 }, () => row)];
    const verification: Verification = { ...head, runs: 5, rows };
    const text = { verification, version: '1', verbose: false, repeat: 'again' };
    const shown = verificationText(text, captured().terminal);
    expect(shown).toContain('✗ 120 of 121 agree');
    expect(shown).toContain('✗ ghost outlived bound (phases, sampled)');
    expect(shown.match(/vanish-idle {2}/g)).toHaveLength(1);
    const whole = verificationText({ ...text, verbose: true }, captured().terminal);
    expect(whole.match(/vanish-idle {2}/g)).toHaveLength(rows.length);
  });
});

describe('a verification in which nothing is proved', () => {
  // On a path that loses packets no bound is stated.
  const lossy = { ...(scenarios['vanish-idle'] as Scenario), path: { rttMs: 50, lossPercent: 1 } };
  const { rows } = verify(presets['alive-flag-sweep'] as Policy, { scenarios: [lossy], runs: 2 });
  const [open] = rows as [VerificationRow];

  it('states no number, and says why', () => {
    expect(open.verdict).toBe('not-proved');
    const { maxMs, proved, because } = open.stated.decided;
    expect({ maxMs, proved }).toEqual({ maxMs: null, proved: false });
    expect(because).toMatch(/loss/);
  });

  it('is no agreement: exit code 6', () => {
    expect(nothingProved(rows).map(({ code }) => code)).toEqual([6]);
    expect(nothingProved([...rows, { ...open, verdict: 'agree' }])).toEqual([]);
    expect(nothingProved([])).toEqual([]);
  });

  it('is certified by nobody', () => {
    const verification: Verification = { ...head, runs: 2, rows };
    const policy = presets['alive-flag-sweep'] as Policy;
    expect(() => certify(policy, verification)).toThrow(InputError);
  });
});
