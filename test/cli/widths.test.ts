/**
 * Every kind of table on a terminal of 60, 80, 100 and 120 columns: no line is longer, names are whole, verdicts are all there. What is
 * there to be pasted into a shell is one line, however long.
 */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/program.ts';
import { selectPolicies } from '../../model/policy/index.ts';
import { displayWidth } from '../../text/width.ts';
import { share } from '../support/share.ts';
import { captured } from './support.ts';

const WIDTHS = [60, 80, 100, 120] as const;
const LONG = 'keepalive-10-5-3-user-timeout-20s';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-widths-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const stack = file('stack.json', {
  name: 'pool-behind-nat',
  parties: [
    { system: 'client', name: 'the pool', options: { pool: '30m' } },
    { system: 'keepalive-linux-default', options: { platform: 'linux' } },
  ],
  links: [{ boxes: [{ system: 'nat', name: 'the NAT', options: { idle: '5m' } }] }],
});

const hangsUp = file('age.json', {
  name: 'somebody-who-hangs-up-on-everybody-after-1s',
  mechanisms: [{ kind: 'age', maxMs: '1s', jitterPercent: 0 }],
});

/** What is printed for pasting. */
const pasted = /^(?:repeat:|\s*shows it:|\s*(?:\$ )?ghostbound (?!\d))/;

async function printed(args: readonly string[], columns: number): Promise<string> {
  const { terminal, out } = captured({ columns });
  await runProgram(args, terminal);
  return out();
}

const policies = ['socket.io', LONG, 'drain-15s', hangsUp].flatMap((name) => ['--policy', name]);
const fewRuns = ['--runs', '3', '--quiet'];

function compared(...stories: readonly string[]): readonly string[] {
  return ['compare', ...policies, ...stories.flatMap((name) => ['--scenario', name]), ...fewRuns];
}

const tuned = ['tune', '--fault', 'vanish-idle', '--runs', '20', '--quiet'];

const NAMES = ['socket.io', LONG, 'drain-15s', 'somebody-who-hangs-up-on-everybody-after-1s'];

/** What is asked, what has to be there in whole at any width, and how many signs of a verdict. */
const asked: readonly {
  readonly args: readonly string[];
  readonly names: readonly string[];
  readonly verdicts?: number;
  /** It takes seconds: the narrowest terminal has to do. */
  readonly isSlow?: true;
}[] = [
  { args: [], names: [LONG, 'alive-flag-sweep'], verdicts: 12 },
  { args: compared('vanish-idle'), names: NAMES, verdicts: 4 },
  { args: compared('live-outage-29s'), names: NAMES, verdicts: 4 },
  { args: compared('vanish-busy', 'live-idle', 'nat-forgets'), names: NAMES, verdicts: 12 },
  { args: compared('drain-with-ghosts', 'drain-with-living-clients'), names: NAMES, verdicts: 8 },
  { args: compared('pool-database-vanishes'), names: NAMES, verdicts: 4 },
  { args: compared('descriptor-exhaustion', 'ghosts-after-a-weekend'), names: NAMES, verdicts: 8 },
  { args: compared('one-seat-many-waiting'), names: NAMES, verdicts: 4 },
  { args: compared('restart-storm', 'rolling-restart'), names: NAMES, verdicts: 8 },
  {
    isSlow: true,
    args: ['compare', ...policies, '--scenario', '@founding', '--runs', '2', '--quiet'],
    names: NAMES,
    verdicts: 4,
  },
  {
    args: ['compare', '--policy', LONG, '--scenario', '@founding', ...fewRuns],
    names: [LONG, 'drain-with-ghosts', 'tunnel-half-open-idle'],
  },
  {
    args: ['verify', '--policy', LONG, '--scenario', 'vanish-idle', ...fewRuns],
    names: [LONG, 'vanish-idle'],
    verdicts: 1,
  },
  {
    args: [
      'verify',
      '--policy',
      'socket.io',
      '--scenario',
      'tunnel-half-open-saturated',
      '--scenario',
      'live-active-then-close',
      ...fewRuns,
    ],
    names: ['tunnel-half-open-saturated', 'live-active-then-close'],
    verdicts: 2,
  },
  {
    args: ['lint', 'socket.io', 'ws', LONG, 'phoenix'],
    names: ['socket.io', 'ws', LONG, 'phoenix'],
  },
  { args: ['lint', stack], names: ['pool-behind-nat'] },
  {
    isSlow: true,
    args: [...tuned, '--max-ghost', '45s', '--survive', '8s', '--allow', 'ping'],
    names: ['vanish-idle'],
    verdicts: 2,
  },
  {
    isSlow: true,
    args: [...tuned, '--max-ghost', '10s', '--survive', '30s', '--allow', 'ping'],
    names: [],
    verdicts: 1,
  },
  { args: ['policies'], names: ['socket.io', 'alive-flag-sweep', LONG] },
  { args: ['policies', 'options', 'socket.io'], names: ['pingInterval', 'pingTimeout'] },
  { args: ['scenarios'], names: ['path-aws-eni-nitro-v6', 'restart-storm-five-attempts'] },
  {
    args: ['run', '--policy', 'socket.io', '--scenario', 'live-slow-reader'],
    names: ['socket.io'],
  },
  {
    args: ['run', '--policy', 'drain-15s', '--scenario', 'drain-with-ghosts'],
    names: ['drain-15s'],
  },
];

describe.each(WIDTHS.map((columns, place) => ({ columns, place })))(
  'on $columns columns',
  ({ columns, place }) => {
    const narrow = columns === WIDTHS[0];
    const here = narrow
      ? asked
      : share(
          asked.filter(({ isSlow }) => isSlow !== true),
          2,
          place,
        );
    it.each(here.map((one) => [one.args.join(' ').replaceAll(folder, '') || 'bare', one] as const))(
      '%s',
      async (_, { args, names, verdicts }) => {
        const lines = (await printed(args, columns)).trimEnd().split('\n');
        const text = lines.filter((line) => !pasted.test(line));
        expect(text.filter((line) => displayWidth(line) > columns)).toEqual([]);
        expect(names.filter((name) => !text.some((line) => line.includes(name)))).toEqual([]);
        const signs = text.join('\n').match(/[✓✗] [a-z]/g) ?? [];
        expect(signs.length).toBeGreaterThanOrEqual(verdicts ?? 0);
      },
      120_000,
    );

    it('no verdict is cut', async () => {
      const widely = await printed(compared('vanish-idle', 'live-idle'), Infinity);
      const narrowly = (await printed(compared('vanish-idle', 'live-idle'), columns)).replace(
        /\s+/g,
        ' ',
      );
      const verdicts = [...widely.matchAll(/[✓✗] [^\n]+/g)].map(([verdict]) => verdict);
      expect(verdicts).toHaveLength(8);
      // Cells of other columns may stand beside the lines of a verdict: the last word is what would be lost.
      const last = verdicts.map((verdict) => verdict.split(' ').at(-1) ?? '');
      expect(last.filter((word) => !narrowly.includes(word))).toEqual([]);
      expect(narrowly).not.toContain('…');
    });
  },
);

describe('names', () => {
  it('that are built in are never cut', () => {
    const all = selectPolicies('@all');
    const longest = all.ok ? Math.max(...all.value.map(({ name }) => name.length)) : Infinity;
    expect(longest).toBeLessThan(56);
  });
});
