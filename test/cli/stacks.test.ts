/** `compare --stack` on the command line: beside policies, what is not played, and what stacks do not go with. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../model/results/types.ts';
import { ghostbound } from './command.ts';

const compared = async (...words: readonly string[]): Promise<Comparison> => {
  const { out } = await ghostbound(['compare', ...words, '--runs', '4', '--jobs', '1', '--json']);
  return JSON.parse(out) as Comparison;
};

describe('compare --stack', () => {
  it('stands in one table with policies by themselves', async () => {
    const stack = ['--stack', 'client > nginx > ws', '--policy', 'ws', '--policy', 'none'];
    const { rows } = await compared(...stack, '--scenario', 'vanish-idle');
    expect(rows.map(({ policy, link = null }) => [link, policy].join(' ').trim())).toEqual([
      '1 client-nginx-ws.2.ws',
      'ws',
      'none',
    ]);
    expect(rows.map(({ boundMs }) => boundMs === null)).toEqual([false, false, true]);
  });

  it('says what is not played, and why', async () => {
    const { rows, notPlayed } = await compared(
      '--stack',
      'pgx > pgbouncer > postgres',
      '--scenario',
      'vanish-idle',
    );
    expect(rows).toEqual([]);
    expect(notPlayed?.[0]?.because).toContain('pgbouncer has connections of its own');
  });

  it.each([
    ['--shard', '1/2'],
    ['--swarm-policies', '3'],
  ])('is refused with %s', async (flag, value) => {
    const ended = await ghostbound(['compare', '--stack', 'client > ws', flag, value]);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(flag);
    expect(ended.err).toContain('shares are of policies alone');
  });
});

describe('report --stack', () => {
  it('has a grid of the ends of all stacks and the stories as they happen there', async () => {
    const page = join(mkdtempSync(join(tmpdir(), 'ghostbound-')), 'page.html');
    const stacks = ['--stack', 'ws-alb', '--stack', 'signalr-client > nginx > signalr'];
    const { code } = await ghostbound([
      'report',
      ...stacks,
      '--scenario',
      'vanish-idle',
      '--runs',
      '4',
      '--out',
      page,
    ]);
    expect(code).toBe(0);
    const text = readFileSync(page, 'utf8');
    const grid = /<table class="heat".*?<\/table>/s.exec(text)?.[0] ?? '';
    const said = grid.replaceAll(/<[^>]+>|\s+/g, ' ').replaceAll(/ +/g, ' ');
    expect(said).toContain('ws-alb ≤ 60.0 s');
    expect(said).toContain('signalr-client&gt;nginx&gt;signalr: signalr ≤ 31.1 s');
    expect(said).toContain('signalr-client&gt;nginx&gt;signalr: signalr-client ≤ 30.1 s');
    // Its numbers are those of the stacks: the bounds of both ends, with nginx between them.
    expect(text).toContain('"stack":"ws-alb","party":"ws","link":1');
  });
});

describe('tune of what is run', () => {
  it('prints the line to write, and ends with 1 where no setting does it', async () => {
    const stack = 'browser > nginx > socket.io(pingInterval=50s)';
    const fine = await ghostbound([
      'tune',
      '--stack',
      stack,
      '--for',
      'nginx',
      '--max-ghost',
      '2m',
    ]);
    expect(fine.code).toBe(0);
    expect(fine.out).toContain('nginx: proxy_read_timeout 120s;   (was 1m)');
    const none = await ghostbound(['tune', '--policy', 'phoenix', '--max-ghost', '2s']);
    expect(none.code).toBe(1);
    expect(none.out).toContain('no setting of phoenix meets this');
  });

  it.each([
    [['--for', 'nginx'], 'with --stack or --policy'],
    [['--policy', 'ws', '--stack', 'client > ws', '--for', 'ws'], 'one of --policy and --stack'],
    [['--policy', 'ws', '--allow', 'ping'], 'no kinds of mechanisms'],
    [['--stack', 'client > ws', '--for', 'nginx'], 'one of client, ws'],
  ])('%j is refused', async (words, expected) => {
    const ended = await ghostbound(['tune', ...words, '--max-ghost', '1m']);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(expected);
  });
});

// JuliaWeb/HTTP.jl#1331: a request after 12 minutes behind Azure's 4 hangs 15.8 to 15.9 minutes.
it('run says how long whoever asked hung, and what he saw', async () => {
  const told = JSON.stringify({
    kind: 'live',
    name: 'rested',
    silence: { kind: 'none' },
    story: { kind: 'pool', idleMs: '12m', queryBytes: 100 },
  });
  const line = 'none > path(rtt=10ms) > azure-lb > server';
  const rested = await ghostbound(['run', '--stack', line, '--scenario', told]);
  expect(rested.out).toContain(
    'by azure-lb, which forgot the connection; whoever asked hung 15.8 min',
  );
  const pool = await ghostbound(['run', '--policy', 'none', '--scenario', 'pool-behind-nat']);
  expect(pool.out).toContain('; whoever asked hung 16.3 min, and saw ETIMEDOUT');
});
