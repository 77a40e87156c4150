/** Settings that the simulated kernel takes and does not follow: said with the result, and refused by --strict. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sysctlTable, type SysctlName } from '../../model/linux/sysctls.ts';
import { presets } from '../../model/policy/presets/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison, Conformance, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { fidelityWarnings } from '../../sim/kernel/capabilities.ts';
import { ghostbound, played } from './command.ts';
import { expectSchema } from './schemas.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-fidelity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = scenarios['vanish-idle'] as Scenario;
const sweep = presets['alive-flag-sweep'] as Policy;
const touched = {
  ...plain,
  name: 'no-metrics',
  kernel: {
    ...plain.kernel,
    serverSysctls: { 'net.ipv4.tcp_no_metrics_save': 1 },
    clientSysctls: { 'net.ipv4.tcp_ecn': 1 },
  },
};
const warnings = [
  /^net\.ipv4\.tcp_no_metrics_save is stored without effect: /,
  /^net\.ipv4\.tcp_ecn is stored without effect: /,
];

function expectWarnings(found: readonly string[], prefix = ''): void {
  expect(found).toHaveLength(warnings.length);
  for (const pattern of warnings) {
    const bare = found.map((text) => (text.startsWith(prefix) ? text.slice(prefix.length) : ''));
    expect(bare.some((text) => pattern.test(text))).toBe(true);
  }
}

function file(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const scenarioFile = file('touched.json', touched);
const grid = ['--policy', 'alive-flag-sweep', '--scenario', scenarioFile];

describe('a setting of the kernel', () => {
  it.each(Object.keys(sysctlTable) as SysctlName[])('%s warns when it has no effect', (name) => {
    const found = fidelityWarnings({ [`net.ipv4.${name}`]: sysctlTable[name].default });
    expect(found).toHaveLength(sysctlTable[name].support === 'stored' ? 1 : 0);
  });
});

describe('results of the library', () => {
  it('carry the warnings of their scenario', () => {
    expectWarnings(simulate(sweep, touched, { seed: '1' }).warnings);
    expect(simulate(sweep, plain, { seed: '1' }).warnings).toEqual([]);
    const both = { policies: [sweep], scenarios: [plain, touched], runs: 1, seed: '1' };
    expectWarnings(compare(both).warnings, 'no-metrics: ');
    expect(compare({ ...both, scenarios: [plain] }).warnings).toEqual([]);
  });
});

describe('the command line', () => {
  it('run: remarks on stderr, and under --strict exit 1', async () => {
    const fine = await ghostbound(['run', ...grid, '--json']);
    expect(fine.code).toBe(0);
    expectWarnings((JSON.parse(fine.out) as RunResult).warnings);
    expectSchema('run', fine.out);
    expect(fine.err).toContain('tcp_no_metrics_save is stored without effect');
    expect((await ghostbound(['run', ...grid, '--quiet'])).err).toBe('');
    const strict = await ghostbound(['run', ...grid, '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.err).toMatch(/tcp_ecn is stored without effect: .* \(--strict\)/);
    const untouched = ['run', '--policy', 'alive-flag-sweep', '--scenario', 'vanish-idle'];
    expect(await ghostbound([...untouched, '--strict'])).toMatchObject({ code: 0, err: '' });
  });

  it('compare: the same, and the shares merged print the same bytes', async () => {
    const compared = ['compare', ...grid, '--runs', '100'];
    const fine = await ghostbound([...compared, '--json']);
    expect(fine.code).toBe(0);
    expectWarnings((JSON.parse(fine.out) as Comparison).warnings, 'no-metrics: ');
    expectSchema('compare', fine.out);
    expect(fine.err).toContain('no-metrics: net.ipv4.tcp_ecn is stored without effect');
    expect((await ghostbound([...compared, '--strict'])).code).toBe(1);
    const shares = await played(compared, ['1/2', '2/2'], folder);
    expect((await ghostbound(['merge', ...shares, '--json'])).out).toBe(fine.out);
    expect((await ghostbound(['merge', ...shares, '--strict'])).code).toBe(1);
  });

  it('conform: a trace recorded under such a setting is remarked on, and fails under --strict', async () => {
    const url = new URL('../kernel-traces/idle-keepalive-10-5-3.json', import.meta.url);
    const trace = JSON.parse(readFileSync(url, 'utf8')) as { config: object };
    const config = { ...trace.config, server_sysctls: { 'net.ipv4.tcp_no_metrics_save': '1' } };
    const path = file('trace.json', { ...trace, config });
    const fine = await ghostbound(['conform', path, '--json']);
    expect(fine.code).toBe(0);
    const [row] = (JSON.parse(fine.out) as Conformance).rows;
    expect(row?.remarks).toEqual([
      expect.stringMatching(/^net\.ipv4\.tcp_no_metrics_save is stored without effect: /),
    ]);
    expect((await ghostbound(['conform', path, '--strict'])).code).toBe(1);
  });
});
