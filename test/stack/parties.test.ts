/** Every party of a stack: the ends that judge, and each proxy by itself. */
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { canonicalPolicyText, parsePolicy } from '../../model/policy/index.ts';
import { builtInStacks, endsOf, isPlayed, partiesOf } from '../../model/stack/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { story } from '../support/named.ts';
import { stackOf } from '../support/stack-of.ts';

const LINE = 'browser > aws-alb > nginx(proxy_read_timeout=75s) > socket.io';
const vanish = story('vanish-idle');

describe('the parties of a stack', () => {
  it('are its ends, and its proxies from the client on', () => {
    const named = partiesOf(stackOf(LINE)).map(({ party, link }) => `${party} ${link}`);
    expect(named).toEqual(['socket.io 2', 'aws-alb 1', 'nginx 2']);
  });

  it('each have a bound and a tolerance, and who has the shortest patience is whom the end waits for', () => {
    const rows = partiesOf(stackOf(LINE)).map(({ party, policy, cellOf }) => {
      const cell = cellOf(vanish);
      if (!isPlayed(cell)) throw new Error(cell.because);
      const { decided, tolerance } = bounds(policy, cell);
      return [party, decided.by, decided.maxMs, tolerance.by];
    });
    // Pings come 25 s after the last pong, and put both limits off; then 20 s, 60 s and 75 s.
    const longest = rows.map(([, , maxMs]) => Math.round(Number(maxMs) / 100) / 10);
    expect(longest).toEqual([45, 85, 100]);
    expect(rows.map(([party, by, , end]) => [party, by, end])).toEqual([
      ['socket.io', 'ping', 'ping'],
      ['aws-alb', 'aws-alb: idle limit', 'aws-alb: idle limit'],
      ['nginx', 'nginx: idle limit', 'nginx: idle limit'],
    ]);
  });

  it('a proxy by itself is played: the server asks, and ends nothing', () => {
    for (let run = 0; run < 6; run += 1) {
      const { reason, decidedAtMs, faultAtMs } = simulate(stackOf(LINE), vanish, {
        seed: '5',
        run,
        party: 'nginx',
      });
      expect(reason).toBe('nginx: idle limit');
      expect(Number(decidedAtMs) - Number(faultAtMs)).toBeLessThanOrEqual(100_030);
    }
  });

  it('of every built-in stack have policies that can be written down, and stories that are played or refused', () => {
    for (const stack of builtInStacks()) {
      const parties = partiesOf(stack);
      expect(parties.slice(0, endsOf(stack).length).map(({ party }) => party)).toEqual(
        endsOf(stack).map(({ party }) => party),
      );
      for (const { policy, cellOf } of parties) {
        expect(parsePolicy(JSON.parse(canonicalPolicyText(policy)), policy.name).ok).toBe(true);
        const cell = cellOf(vanish);
        expect(isPlayed(cell) ? cell.name : cell.because.length > 10).toBeTruthy();
      }
    }
  });
});
