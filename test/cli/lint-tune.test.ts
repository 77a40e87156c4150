/** `lint` and `tune` as users meet them: the compiled program, files, streams, exit codes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ghostbound } from './command.ts';
import { expectSchema } from './schemas.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const natStack = file('nat.json', {
  name: 'pool-behind-nat',
  parties: [
    { system: 'client', name: 'the pool', options: { pool: '30m' } },
    { system: 'keepalive-linux-default', options: { platform: 'linux' } },
  ],
  links: [{ boxes: [{ system: 'nat', name: 'the NAT', options: { idle: '5m' } }] }],
});

/** A line for a POSIX shell, word by word. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

interface Printed {
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly command?: string;
    readonly expect?: { readonly kind: string };
  }[];
  readonly suppressed: readonly { readonly rule: string; readonly because: string }[];
}

interface Run {
  readonly outcome: string;
  readonly faultAtMs: number | null;
  readonly decidedAtMs: number | null;
  readonly endedAlive: object | null;
}

/** What the result of a run must say. */
const shown: Readonly<Record<string, (run: Run) => boolean>> = {
  'ended-alive': ({ endedAlive }) => endedAlive !== null,
  'never-noticed': ({ outcome }) => outcome === 'undetected',
  'path-forgets': ({ faultAtMs }) => faultAtMs !== null,
  'ghost-longer-than': ({ faultAtMs, decidedAtMs }) =>
    (decidedAtMs ?? Infinity) - (faultAtMs ?? Infinity) > 900_000,
};

describe('lint', () => {
  it('says what happens to whom, what to change, and what to mend first, and fails on an error', async () => {
    const { code, out, err } = await ghostbound(['lint', natStack]);
    expect(out).toMatch(/error +pool-outlives-path {2}the pool\(pool\)/);
    expect(out).toContain('→ Keep idle connections for less than 5m (e.g. 270s)');
    expect(out).toMatch(
      /^ {6}shows it: ghostbound run --policy keepalive-linux-default --scenario /m,
    );
    expect(out.replaceAll('\n', ' ')).toMatch(
      /✗ 1 error, [^;]*; mend first: pool-outlives-path in pool-behind-nat, the pool\(pool\)/,
    );
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      `repeat: ghostbound lint ${natStack} --max-severity warning`,
    );
    expect(err).toBe(''); // said once
    const json = await ghostbound(['lint', natStack, '--json']);
    expect(json.err).toMatch(
      /^✗ found 1 error, .*; --max-severity allows nothing above warning\nreplay: ghostbound lint .* --max-severity warning\n$/,
    );
    expect(code).toBe(1);
  });

  it('prints commands that play what they say', async () => {
    const { out } = await ghostbound(['lint', natStack, 'queue-stall-watchdog', '--json']);
    const { findings } = JSON.parse(out) as Printed;
    const heavy = findings.filter(({ severity }) => severity !== 'note');
    expect(heavy.length).toBeGreaterThan(3);
    for (const { command = '', expect: expected, rule } of heavy) {
      const [program, ...args] = words(command);
      expect(program).toBe('ghostbound');
      const run = JSON.parse((await ghostbound([...args, '--json', '--quiet'])).out) as Run;
      expect(shown[expected?.kind ?? '']?.(run), rule).toBe(true);
    }
  });

  it('switches rules off by name and with a reason', async () => {
    const off = ['--off', 'frozen-peer-unseen=nobody stops them'];
    const { out } = await ghostbound(['lint', 'none', ...off, '--json']);
    const { findings, suppressed } = expectSchema('lint', out) as Printed;
    expect(findings.map(({ rule }) => rule)).not.toContain('frozen-peer-unseen');
    expect(suppressed).toMatchObject([
      { rule: 'frozen-peer-unseen', because: 'nobody stops them' },
    ]);
    const text = (await ghostbound(['lint', 'none', ...off])).out;
    expect(text).toMatch(/off +frozen-peer-unseen {2}mechanisms \(warning\): nobody stops them/);
    const misspelt = await ghostbound(['lint', 'none', '--off', 'frozen-pear-unseen=x']);
    expect(misspelt).toMatchObject({ code: 2, out: '' });
    expect(misspelt.err).toContain('frozen-peer-unseen');
    expect((await ghostbound(['lint', 'none', '--off', 'linux-only'])).err).toContain(
      'RULE=REASON',
    );
  });

  it('prints one valid document with --json and nothing else, policies and stacks together', async () => {
    const words = [
      'lint',
      'ws-readme-alive-flag',
      natStack,
      '--policy',
      'none',
      '--max-severity',
      'error',
    ];
    const { code, out, err } = await ghostbound([...words, '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(expectSchema('lint', out)).toMatchObject({
      subjects: [
        { name: 'ws-readme-alive-flag', kind: 'policy', errors: 0 },
        { name: 'pool-behind-nat', kind: 'stack', errors: 1 },
        { name: 'none', kind: 'policy', errors: 1 },
      ],
    });
  });

  it.each([
    [['ws-readme-alive-flag'], 0],
    [['ws-readme-alive-flag', '--strict'], 1],
    [['ws-readme-alive-flag', '--max-severity', 'note'], 1],
    [['none', '--max-severity', 'error'], 0],
    [['none', '--max-severity', 'error', '--strict'], 1],
    [['none'], 1],
  ] as const)('%j ends with %d', async (words, code) => {
    expect((await ghostbound(['lint', ...words])).code).toBe(code);
  });

  it('sums up every built-in policy when it is given none', async () => {
    const { out } = await ghostbound(['lint']);
    expect(out).toMatch(/^subject +errors +warnings +notes +first to mend$/m);
    expect(out).toMatch(/^alive-flag-sweep-lost +1 .* mechanism-lost$/m);
  });

  it('writes to a file, and refuses what is no policy and no stack', async () => {
    const path = join(folder, 'lint.json');
    expect(
      await ghostbound(['lint', 'ws-readme-alive-flag', '--json', '--out', path, '--quiet']),
    ).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    expectSchema('lint', readFileSync(path, 'utf8'));
    const bad = file('bad.json', { name: 'c', parties: [{ system: 'client' }, { sytem: 'ws' }] });
    const refused = await ghostbound(['lint', bad, 'socket.oi', '--max-severity', 'warnings']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain(`${bad}: parties[1].sytem: there is no field "sytem" here`);
    expect(refused.err).toContain('did you mean "socket.io"?');
    expect(refused.err).toContain('did you mean "warning"?');
    expect(refused.err).not.toMatch(/^\s+at /m);
  });
});

const quick = ['tune', '--max-ghost', '45s', '--fault', 'vanish-idle', '--fault', 'frozen-idle'];

describe('tune', () => {
  it('prints the policy, its proof, and the answer last, and writes what other verbs take', async () => {
    const path = join(folder, 'tuned.json');
    const { code, out, err } = await ghostbound([...quick, '--survive', '8s', '--out', path]);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^ghostbound \S+ · tune · seed 1 · 2 faults, 2 living peers × 20 runs$/,
    );
    expect(lines.at(-1)).toMatch(
      /^✓ ping: ghosts within 44\.6 s of 45\.0 s, 392 packets\/h .* seed 1$/,
    );
    expect(out).toMatch(/vanish-idle +B ≤ +45\.0 s +44\.6 s +✓ agree/);
    expect([code, err]).toEqual([0, `ghostbound: wrote ${path}\n`]);
    const compared = ['compare', '--policy', path, '--scenario', 'vanish-idle', '--runs', '20'];
    expect((await ghostbound([...compared, '--max-ghost', '45s', '--quiet'])).code).toBe(0);
    expect((await ghostbound(['lint', path])).code).toBe(0);
  });

  it('prints one valid document with --json, the same for one seed however written', async () => {
    const survive = ['--survive', 'server-starved=10s', '--survive', 'live-paused-78s'];
    const words = [...quick, ...survive, '--path-idle', '60s', '--json'];
    const { code, out, err } = await ghostbound([...words, '--seed', '42']);
    expect([code, err]).toEqual([0, '']);
    expect(expectSchema('tune', out)).toMatchObject({
      request: { pathIdleMs: 60_000, survive: [{ scenario: 'live-paused-78s' }, {}] },
      conflict: null,
    });
    expect((await ghostbound([...words, '--seed', '0x2a'])).out).toBe(out);
  });

  it('says which two demands exclude each other, and ends with 1', async () => {
    const path = join(folder, 'impossible.json');
    const demands = ['--max-ghost', '20s', '--survive', '30s', '--fault', 'vanish-idle'];
    const words = ['tune', ...demands, '--allow', 'ping'];
    const { code, out, err } = await ghostbound([...words, '--out', path]);
    expect(code).toBe(1);
    expect(out).toContain('nearest: --max-ghost');
    expect(out.trimEnd().split('\n').at(-1)).toMatch(
      /^✗ no policy does both: no ghost older than 20s \(vanish-idle\); survive 30s of outage/,
    );
    expect(err).toMatch(/no policy was written: .*\nreplay: ghostbound tune --max-ghost 20s/);
    expect(existsSync(path)).toBe(false);
    expectSchema('tune', (await ghostbound([...words, '--json'])).out);
  });

  it('names every wrong flag at once', async () => {
    const words = ['--survive', 'outrage=3s', '--fault', 'live-idle', '--allow', 'pings'];
    const { code, out, err } = await ghostbound([
      'tune',
      ...words,
      '--rtt',
      '50',
      '--survive',
      'none',
    ]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('--max-ghost is missing: how long a ghost may live');
    expect(err).toContain('did you mean "outage"?');
    expect(err).toContain('--fault: received "live-idle"; expected a scenario of kind "fault"');
    expect(err).toContain('did you mean "ping"?');
    expect(err).toContain('--rtt: received "50"');
    expect(err).not.toMatch(/^\s+at /m);
  });
});
