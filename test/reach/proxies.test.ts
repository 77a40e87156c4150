/**
 * B and T through proxies. What is expected are sums of their limits, of the round trips and of what the same policy comes to on a direct link; drawn
 * stacks are held against their lives.
 */
import { describe, expect, it, test } from 'vitest';
import { reachBound, reachTolerance, type ProvedBound } from '../../model/reach/index.ts';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { watchOf } from '../../scenarios/watch.ts';
import { drawFault, drawSilence } from './draw.ts';
import { behindProxies } from './draw-proxies.ts';
import { livesEnded, longestGhostMs, longestLives, outlived } from './lives.ts';
import { asMany } from '../support/effort.ts';

const preset = (name: string): Policy => {
  const found = presets[name];
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
};
const of = (mechanisms: readonly unknown[]): Policy =>
  definePolicy({ name: 'drawn', mechanisms } as never);

const story = (proxies: readonly object[], more: object = {}): Scenario =>
  defineScenario({
    kind: 'fault',
    name: 'through',
    fault: { kind: 'vanish' },
    ...(proxies.length > 0 && { proxies }),
    ...more,
  } as never);
const silent = (proxies: readonly object[], silence: object, more: object = {}): Scenario =>
  defineScenario({
    kind: 'live',
    name: 'through',
    silence: { lengthMs: 1000, ...silence },
    ...(proxies.length > 0 && { proxies }),
    ...more,
  } as never);

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(bound.because);
  return bound;
}
const toleratedMs = (policy: Policy, scenario: Scenario): number => {
  const tolerance = reachTolerance(policy, scenario);
  if (tolerance.kind !== 'proved') throw new Error(tolerance.because);
  return tolerance.ms;
};

const nginx = { name: 'nginx', idleMs: '60s' };
const patient = { name: 'nginx', idleMs: '5m' };
const none = preset('none');
const busy = {
  load: { kind: 'periodic', bytes: 100, everyMs: '10s', direction: 'server' },
};
const answered = { life: ['pong'] };
const sweep = { kind: 'sweep', intervalMs: '15s', ...answered };

describe('B', () => {
  it('of a server that judges nobody is the proxy’s idle limit, and a round trip of the further link', () => {
    const { decidedMs, by, closed } = proved(none, story([nginx]));
    expect(by).toBe('nginx: idle limit');
    expect(decidedMs).toBe(60_001);
    expect(closed).toEqual({ kind: 'proved', ms: 60_001, by: 'nginx: idle limit' });
  });

  it('of the server’s own policy is what it is without a proxy that has more patience', () => {
    for (const name of ['alive-flag-sweep', 'engine.io-v4-server', 'sweep-and-pong-timer']) {
      const direct = proved(preset(name), story([])).decidedMs;
      const { decidedMs } = proved(preset(name), story([patient]));
      expect(decidedMs).toBeGreaterThanOrEqual(direct);
      expect(decidedMs).toBeLessThanOrEqual(direct + 1);
    }
  });

  it('is the shorter patience of several proxies', () => {
    const alb = { name: 'alb', idleMs: '40s', rttMs: '3ms' };
    const { decidedMs, by } = proved(none, story([nginx, alb]));
    expect(by).toBe('alb: idle limit');
    // Its own link's round trip alone.
    expect(decidedMs).toBe(40_003);
    expect(proved(none, story([alb, nginx])).decidedMs).toBe(40_004);
  });

  it('is not put off by keepalive, which ends at the proxy, and nothing of it ends anything', () => {
    const keepalive = preset('keepalive-10-5-3');
    expect(proved(keepalive, story([nginx])).decidedMs).toBe(60_001);
    expect(proved(keepalive, story([{ name: 'nginx' }])).decidedMs).toBe(Infinity);
  });

  it('is the first proxy’s kernel’s where the server sends, by that kernel’s own settings', () => {
    const hasty = { 'net.ipv4.tcp_retries2': 3 };
    const { decidedMs, by } = proved(none, story([{ ...nginx, sysctls: hasty }], busy));
    const direct = proved(none, story([], { ...busy, kernel: { serverSysctls: hasty } }));
    expect(by).toBe('nginx: tcp_retries2');
    expect(decidedMs).toBeGreaterThan(direct.decidedMs);
    expect(decidedMs).toBeLessThanOrEqual(direct.decidedMs + 2);
    // Those of the server's own make no difference.
    const own = story([nginx], { ...busy, kernel: { serverSysctls: hasty } });
    expect(proved(none, own).decidedMs).toBeGreaterThan(600_000);
  });

  it('of a limit on one side counts what that side sends alone', () => {
    const haproxy = { name: 'haproxy', clientIdleMs: '30s' };
    const { decidedMs, by } = proved(none, story([haproxy], busy));
    expect([decidedMs, by]).toEqual([30_001, 'haproxy: limit on the client']);
  });

  it('is not proved where buffers that fill decide, or a box stands before the proxy', () => {
    const because = (scenario: Scenario): string => {
      const bound = reachBound(none, scenario);
      return bound.kind === 'proved' ? 'proved' : bound.because;
    };
    expect(because(story([nginx], { ...busy, fault: { kind: 'freeze' } }))).toMatch(/not followed/);
    expect(because(story([nginx], { load: { kind: 'saturated' } }))).toMatch(/full send path/);
    const forgets = { kind: 'nat-expiry', idleMs: '20s' };
    expect(because(story([nginx], { fault: forgets }))).toMatch(/box/);
    expect(because(story([nginx], { fault: { kind: 'link-down' } }))).toMatch(/own interface/);
    expect(because(story([nginx], { server: { closesAtEof: false } }))).toMatch(/deaf/);
  });

  it.each([
    ['none', [nginx], {}],
    ['none', [{ ...nginx, rttMs: '80ms', halfClose: 'passes' }], {}],
    ['alive-flag-sweep', [patient], {}],
    ['engine.io-v4-server', [{ name: 'alb', rttMs: '20ms' }, patient], {}],
    ['none', [{ ...nginx, sysctls: { 'net.ipv4.tcp_retries2': 5 } }], busy],
  ] as const)('%s behind %j: the longest life comes close', (name, proxies, more) => {
    const scenario = story(proxies, more);
    const { decidedMs } = proved(preset(name), scenario);
    const seenMs = longestGhostMs(preset(name), scenario, 300, 1_800_000) ?? 0;
    expect(seenMs).toBeLessThanOrEqual(decidedMs);
    expect(decidedMs).toBeLessThanOrEqual(seenMs * 1.03 + 200);
  });
});

describe('T', () => {
  it('of who is ended by a quiet proxy while nothing is wrong is 0', () => {
    const tolerance = reachTolerance(none, silent([nginx], { kind: 'outage' }));
    expect(tolerance).toMatchObject({ kind: 'proved', ms: 0, by: 'nginx: idle limit' });
  });

  it('of a policy whose pings pass is what it is without the proxy', () => {
    for (const name of ['alive-flag-sweep', 'engine.io-v4-server']) {
      for (const kind of ['outage', 'process-pause']) {
        const direct = toleratedMs(preset(name), silent([], { kind }));
        const behind = toleratedMs(preset(name), silent([patient], { kind }));
        expect(behind).toBeLessThanOrEqual(direct);
        expect(behind).toBeGreaterThanOrEqual(direct - 10);
      }
    }
  });

  it('is the proxy’s limit on the client where that is shorter than what the server bears', () => {
    // Pings every 15 s, and a client that answers at once; T is what is left of 40 s after the last answer before the next.
    const haproxy = { name: 'haproxy', clientIdleMs: '40s' };
    const patience = { kind: 'ping', intervalMs: '15s', replyTimeoutMs: null, ...answered };
    const tolerance = reachTolerance(of([patience]), silent([haproxy], { kind: 'process-pause' }));
    expect(tolerance).toMatchObject({ kind: 'proved', by: 'haproxy: limit on the client' });
    if (tolerance.kind !== 'proved') return;
    expect(tolerance.ms).toBeGreaterThan(24_800);
    expect(tolerance.ms).toBeLessThanOrEqual(25_000);
  });

  it('counts the clock of a proxy on while the server stands still', () => {
    const server = { name: 'haproxy', serverIdleMs: '8600ms', rttMs: '200ms' };
    const ping = { kind: 'ping', intervalMs: '4s', replyTimeoutMs: '10100ms', ...answered };
    const ms = toleratedMs(of([ping]), silent([server], { kind: 'server-stall' }));
    expect(ms).toBeLessThanOrEqual(4_600);
    expect(ms).toBeGreaterThan(4_000);
  });
});

it('a server that stands still answers no ping, and the proxy’s limit on it runs out', () => {
  const haproxy = { name: 'haproxy', serverIdleMs: '60s' };
  const pinging = { client: { pingEveryMs: '13200ms' } };
  const tolerance = reachTolerance(none, silent([haproxy], { kind: 'server-starved' }, pinging));
  expect(tolerance).toMatchObject({ kind: 'proved', by: 'haproxy: limit on the server' });
  if (tolerance.kind !== 'proved') return;
  expect(tolerance.ms).toBeGreaterThan(46_000);
  expect(tolerance.ms).toBeLessThan(47_000);
});

describe('what a proxy does of itself', () => {
  const probes = { keepalive: { idleMs: '10s', intervalMs: '5s', probes: 3 } };

  it('its keepalive finds a client that is gone, as that of a server on its link would', () => {
    const { decidedMs, by } = proved(none, story([{ name: 'nginx', towardsClient: probes }]));
    const own = of([{ kind: 'keepalive', ...probes.keepalive }]);
    const direct = proved(own, story([])).decidedMs;
    expect(by).toBe('nginx: keepalive');
    expect(decidedMs).toBeGreaterThanOrEqual(direct);
    expect(decidedMs).toBeLessThanOrEqual(direct + 2);
    // Towards the server there is nobody to be found.
    const turned = { name: 'nginx', towardsServer: probes };
    expect(proved(none, story([turned])).decidedMs).toBe(Infinity);
  });

  it('a user timeout of its socket ends a client that does not acknowledge what the server sends', () => {
    const hop = { name: 'lb', towardsClient: { userTimeoutMs: '20s' } };
    const { decidedMs, by } = proved(none, story([hop], busy));
    expect(by).toBe('lb: TCP_USER_TIMEOUT');
    expect(decidedMs).toBeLessThan(33_000);
  });

  it('a reload ends everybody, within its period and the grace', () => {
    const hop = { name: 'nginx', reloads: { everyMs: '60s', graceMs: '30s' } };
    const { decidedMs, by } = proved(none, story([hop]));
    expect([decidedMs, by]).toEqual([90_001, 'nginx: reload']);
    const tolerance = reachTolerance(none, silent([hop], { kind: 'outage' }));
    expect(tolerance).toMatchObject({ kind: 'proved', ms: 0, by: 'nginx: reload' });
  });

  it('a story of another link, or a box, is not proved', () => {
    const elsewhere = story([nginx], { strikesLink: 1 });
    expect(reachBound(none, elsewhere).kind).toBe('not-proved');
    const box = { name: 'nat', idleMs: '20s', link: 1 };
    expect(reachBound(none, story([nginx], { boxes: [box] })).kind).toBe('not-proved');
    expect(reachTolerance(none, silent([nginx], { kind: 'outage' }, { strikesLink: 1 })).kind).toBe(
      'not-proved',
    );
  });

  it('nothing is proved of a silence in which what piles up closes its window', () => {
    const pings = of([{ kind: 'ping', intervalMs: '1s', replyTimeoutMs: null, ...answered }]);
    const tolerance = reachTolerance(pings, silent([nginx], { kind: 'process-pause' }));
    expect(tolerance).toMatchObject({
      kind: 'not-proved',
      because: expect.stringMatching(/piles/),
    });
  });
});

const DRAWN = asMany(30);
const LIVES = 8;
const FEW_STEPS = 4_000;

describe.each([1, 2])('drawn policies, drawn stories, up to %i proxies', (most) => {
  it('nobody outlives B', () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawFault(seed);
      if (cell === null) continue;
      const scenario = behindProxies(cell.scenario, seed + 7000 * most, most);
      const bound = reachBound(cell.policy, scenario, FEW_STEPS);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const { lengthMs } = watchOf(cell.policy, scenario);
      const lives = longestLives(cell.policy, scenario, LIVES, lengthMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawFault(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 2);
  }, 120_000);

  it('nobody is ended within T', () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const through = (lengthMs: number): Scenario =>
        behindProxies(cell.silent(lengthMs), seed + 7000 * most, most);
      const tolerance = reachTolerance(cell.policy, through(1000), FEW_STEPS);
      const ms = tolerance.kind === 'proved' ? tolerance.ms : tolerance.atLeastMs;
      const lengthMs = ms === Infinity ? 90_000 : Math.ceil(ms) - 1;
      if (lengthMs < 1) continue;
      judged += 1;
      const ended = livesEnded(cell.policy, through(lengthMs), LIVES, LIVES);
      if (ended > 0) broken.push(`drawSilence(${seed}): ${ended} ended in ${lengthMs} ms, T ${ms}`);
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 20);
  }, 120_000);
});

describe('a hop', () => {
  test.each([
    ['idle', {}],
    ['busy', busy],
  ])('costs at most three times the steps of a direct link, %s', (_name, more) => {
    const names = ['none', 'alive-flag-sweep', 'engine.io-v4-server', 'sweep-and-pong-timer'];
    const policies = [...names.map(preset), of([sweep])];
    const work = (proxies: readonly object[]): number =>
      policies.reduce((sum, policy) => sum + proved(policy, story(proxies, more)).work, 0);
    expect(work([patient])).toBeLessThanOrEqual(3 * work([]));
  });
});
