/** `--rtt`, `--hz`, `--sysctl`, `--socket-option`: where every scenario is played, said in every result and every replay line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freeSocketOptions, socketOptionTable } from '../../model/linux/socket-options.ts';
import { sysctlTable, type SysctlName } from '../../model/linux/sysctls.ts';
import { parseEnvironment } from '../../cli/arguments/environment.ts';
import { inEnvironment } from '../../model/scenario/environment.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { ghostbound, played } from './command.ts';
import { expectSchema } from './schemas.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLACE = ['--rtt', '200ms', '--hz', '1000', '--sysctl', 'net.ipv4.tcp_retries2=5'];
const BOTH = [
  ...PLACE,
  '--sysctl',
  'client:net.ipv4.tcp_fin_timeout=10',
  '--socket-option',
  'TCP_SYNCNT=3',
];
const ENVIRONMENT = {
  rttMs: 200,
  hz: 1000,
  serverSysctls: { 'net.ipv4.tcp_retries2': 5 },
  clientSysctls: { 'net.ipv4.tcp_fin_timeout': 10 },
  serverSocketOptions: { TCP_SYNCNT: 3 },
};
const QUICK = ['--max-ghost', '45s', '--fault', 'vanish-idle', '--allow', 'ping'];
const CELL = ['--policy', 'none', '--scenario', 'vanish-busy'];

async function json(args: readonly string[]): Promise<{ readonly environment?: unknown }> {
  const { out, err } = await ghostbound([...args, '--json', '--quiet']);
  expect(out, err).not.toBe('');
  return expectSchema(args[0] ?? '', out) as { readonly environment?: unknown };
}

describe('the environment of a comparison', () => {
  it.each([
    ['compare', [...CELL, '--runs', '4']],
    ['verify', [...CELL, '--runs', '4', '--phases', '4']],
    ['run', CELL],
    ['lint', ['none']],
  ] as const)('%s says what it is, and only where there is one', async (verb, args) => {
    const told = await json([verb, ...args, ...BOTH]);
    expect(told.environment).toEqual(ENVIRONMENT);
    expect(await json([verb, ...args])).not.toHaveProperty('environment');
  });

  it('tune says it, and takes it for every demand', async () => {
    const told = (await json(['tune', ...QUICK, ...BOTH])) as {
      readonly request: { readonly rttMs: number; readonly environment: unknown };
    };
    const { rttMs: _rttMs, ...kernels } = ENVIRONMENT;
    expect(told.request.rttMs).toBe(200);
    expect(told.request.environment).toEqual(kernels);
  });

  it('decides how long a ghost lives: five retries after the first at a round trip of 200 ms', async () => {
    const { out } = await ghostbound([
      'compare',
      ...CELL,
      '--runs',
      '20',
      ...PLACE,
      '--json',
      '--quiet',
    ]);
    const [row] = (
      JSON.parse(out) as {
        readonly rows: readonly { readonly ghostMs: { readonly max: number } }[];
      }
    ).rows;
    // tcp_retries2 = 5 stands for 12.6 s after the first retransmission; 15, the default, for 924.6 s.
    expect(row?.ghostMs.max).toBeGreaterThan(12_600);
    expect(row?.ghostMs.max).toBeLessThan(30_000);
  });

  it('is in the line that repeats a comparison, and that line gives the same bytes', async () => {
    const first = await ghostbound(['compare', ...CELL, '--runs', '4', ...BOTH]);
    const repeat = /^repeat: ghostbound (.*)$/m.exec(first.out)?.[1] ?? '';
    expect(repeat).toContain('--rtt 200ms --hz 1000 --sysctl net.ipv4.tcp_retries2=5');
    const again = await ghostbound(repeat.split(' '));
    expect(again.out).toBe(first.out);
  });

  it('is in the line that replays a failure, and the run it names fails in the same way', async () => {
    const failed = await ghostbound([
      'compare',
      ...CELL,
      '--runs',
      '4',
      ...PLACE,
      '--max-ghost',
      '1s',
    ]);
    const replay = /^replay: ghostbound (run .*)$/m.exec(failed.err)?.[1] ?? '';
    expect(replay).toContain(PLACE.join(' '));
    const run = await ghostbound([...replay.split(' '), '--json']);
    expect(run.code).toBe(failed.code);
    expect((JSON.parse(run.out) as { readonly environment: unknown }).environment).toMatchObject({
      rttMs: 200,
    });
  });

  it('goes through shares and their merging', async () => {
    const cell = ['compare', ...CELL, '--runs', '6', ...BOTH];
    const files = await played(cell, ['1/2', '2/2'], folder);
    const merged = await ghostbound(['merge', ...files]);
    expect(merged.out).toBe((await ghostbound(cell)).out);
  });

  it('is refused with the flag, the range and the nearest name', async () => {
    const { code, err } = await ghostbound([
      'compare',
      ...CELL,
      '--rtt',
      '2h',
      '--hz',
      '300',
      '--sysctl',
      'net.ipv4.tcp_retrys2=5',
      '--sysctl',
      'net.ipv4.tcp_retries2=500',
      '--sysctl',
      'nonsense',
      '--socket-option',
      'TCP_CORK=1',
      '--socket-option',
      'TCP_USER_TIMEOUT=5',
    ]);
    expect(code).not.toBe(0);
    expect(err.match(/^ghostbound: --/gm)).toHaveLength(7);
    expect(err).toContain('did you mean "net.ipv4.tcp_retries2"?');
    expect(err).toContain('an integer from 0 to 255');
  });
});

describe('all that is listed can be set', () => {
  const plain = scenarios['vanish-idle'] as Scenario;

  it.each(
    (Object.keys(sysctlTable) as SysctlName[]).filter(
      (name) => sysctlTable[name].support !== 'refused',
    ),
  )('--sysctl net.ipv4.%s, on both sides', (name) => {
    const { min } = sysctlTable[name];
    const word = `net.ipv4.${name}=${min}`;
    const parsed = parseEnvironment({ sysctl: [word, `client:${word}`] });
    expect(parsed).toMatchObject({ ok: true });
    const placed = parsed.ok ? inEnvironment(plain, parsed.value ?? {}) : parsed;
    const values = { [`net.ipv4.${name}`]: min };
    expect(placed).toMatchObject({
      ok: true,
      value: { kernel: { serverSysctls: values, clientSysctls: values } },
    });
  });

  it.each(freeSocketOptions)('--socket-option %s, on both sides', (name) => {
    const { min } = socketOptionTable[name];
    const word = `${name}=${min}`;
    const parsed = parseEnvironment({ socketOption: [word, `client:${word}`] });
    const placed = parsed.ok ? inEnvironment(plain, parsed.value ?? {}) : parsed;
    expect(placed).toMatchObject({
      ok: true,
      value: {
        kernel: { serverSocketOptions: { [name]: min }, clientSocketOptions: { [name]: min } },
      },
    });
  });
});
