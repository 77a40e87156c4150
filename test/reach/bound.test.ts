/**
 * B by reachability: against arithmetic by hand where that is easy, against simulated lives everywhere. Tight where it is said
 * to be: an even path, a built-in policy, an idle or a busy connection.
 */
import { describe, expect, it, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets as builtIn } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { playPhases } from '../../proof/phases.ts';
import { drawFault } from './draw.ts';
import { longestGhostMs, longestLives, outlived } from './lives.ts';
import { of } from './proved.ts';
import { story } from '../support/named.ts';
import { asMany } from '../support/effort.ts';

function preset(name: string): Policy {
  const policy = builtIn[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

function vanish(more: object = {}): Scenario {
  const fault = { kind: 'vanish', direction: 'both' };
  return defineScenario({
    kind: 'fault',
    name: 'story',
    fault,
    load: { kind: 'idle' },
    path: { rttMs: 50 },
    ...more,
  } as never);
}

const sweep = { kind: 'sweep', intervalMs: '30s', timer: 'per-connection', life: ['pong'] };

describe('a bound by hand', () => {
  // A connection may be lost the moment it opened: its first tick is a whole interval away.
  test.each([
    ['sweep', [sweep], 60_000],
    ['sweep that forgives one miss', [{ ...sweep, misses: 2 }], 90_000],
    // Its last pong has left the client, and the tick that hears of it does nothing.
    ['sweep that its own pong makes skip a tick', [{ ...sweep, skipAfter: ['pong'] }], 89_975],
    [
      'sweep beside a pong timer',
      [sweep, { kind: 'pong-timer', timeoutMs: '10s', life: ['pong'] }],
      40_000,
    ],
    [
      'ping after the last reply',
      [
        {
          kind: 'ping',
          intervalMs: '25s',
          after: 'last-reply',
          replyTimeoutMs: '20s',
          life: ['pong'],
        },
      ],
      45_025,
    ],
    [
      'ping on a grid of its own',
      [
        {
          kind: 'ping',
          intervalMs: '25s',
          after: 'last-ping',
          replyTimeoutMs: '20s',
          life: ['pong'],
        },
      ],
      45_000,
    ],
    ['age', [{ kind: 'age', maxMs: '10m' }], 600_000],
    [
      'deadline that nothing feeds',
      [{ kind: 'receive-deadline', timeoutMs: '60s', life: ['message'] }],
      60_000,
    ],
  ])('%s', (_name, mechanisms, ms) => {
    expect(proved(of(mechanisms), vanish()).decidedMs).toBe(ms);
  });

  it('is the end of file half a round trip after the client ends the connection', () => {
    expect(proved(of([sweep]), vanish({ fault: { kind: 'close' } })).decidedMs).toBe(25);
  });

  it('is infinite where nothing looks, and zero where the policy keeps the fault from happening', () => {
    expect(proved(of([]), vanish()).decidedMs).toBe(Infinity);
    const forgets = vanish({ fault: { kind: 'nat-expiry', idleMs: '5m' } });
    expect(proved(of([sweep]), forgets)).toMatchObject({ decidedMs: 0, prevented: true });
  });

  it('states no end of a ping that is never answered again where nobody judges it', () => {
    const ping = {
      kind: 'ping',
      intervalMs: '30s',
      after: 'last-reply',
      replyTimeoutMs: '15s',
      life: ['message'],
      lost: 'verdict',
    };
    const found = reachBound(of([ping]), vanish());
    expect(found.kind === 'proved' ? found.decidedMs : Infinity).toBe(Infinity);
  });

  it('is a reset by the rebooted host, where that comes before the verdict', () => {
    const reboot = vanish({ fault: { kind: 'reboot', downMs: '1s' } });
    const { decidedMs, by } = proved(of([sweep]), reboot);
    expect(by).toBe('reset by the other side');
    expect(decidedMs).toBeLessThan(30_100);
  });
});

describe('what is declined', () => {
  test.each([
    ['jitter', { path: { rttMs: 50, jitterMs: 5 } }],
    ['loss', { path: { rttMs: 50, lossPercent: 1 } }],
    ['a full send path of small messages', { load: { kind: 'saturated', messageBytes: 1000 } }],
  ])('%s is not proved', (_name, more) => {
    expect(reachBound(of([sweep]), vanish(more)).kind).toBe('not-proved');
  });
});

describe('what goes on for long', () => {
  it('is followed through hundreds of writes: the queue of a frozen peer fills, and the next write after the deadline is judged', () => {
    const policy = of([{ kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'next-send' }]);
    const load = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };
    const story = vanish({ load });
    const { decidedMs } = proved(policy, story);
    const seenMs = longestGhostMs(policy, story, 100, 1_000_000) ?? 0;
    expect(seenMs).toBeGreaterThan(decidedMs / 2);
    expect(seenMs).toBeLessThanOrEqual(decidedMs);
  });

  it('a sweep whose verdict is lost pings for ever, and the kernel ends it', () => {
    const { by, decidedMs } = proved(preset('alive-flag-sweep'), story('connection-missed-busy'));
    expect(by).toBe('tcp_retries2');
    expect(decidedMs).toBeLessThan(1_060_000);
  });

  it('keepalive is wakened 15 s after the last answer, late by a bucket and no more', () => {
    // The ping of two hours leaves just before keepalive would end it: 15.256 s and 15.104 s, and its own 20 s.
    const { decidedMs } = proved(preset('grpc-go-server'), story('vanish-idle'));
    expect(decidedMs).toBeGreaterThan(50_000);
    expect(decidedMs).toBeLessThan(50_600);
  });
});

describe('the worst path', () => {
  it('adds up to the bound', () => {
    for (const name of [
      'alive-flag-sweep',
      'sweep-and-pong-timer',
      'keepalive-10-5-3',
      'bun-serve',
    ] as const) {
      const { decidedMs, path } = proved(preset(name), story('vanish-idle'));
      expect(path.length).toBeGreaterThan(1);
      expect(path.reduce((sum, leg) => sum + leg.ms, 0)).toBeCloseTo(decidedMs, 3);
    }
  });
});

/** The bound is at most 2 % and three ticks above what the simulator attains. */
const TIGHT = [
  'alive-flag-sweep',
  'sweep-and-pong-timer',
  'ws-heartbeat-per-connection',
  'engine.io-v4-server',
  'keepalive-10-5-3',
  'keepalive-10-5-3-user-timeout-20s',
  'bun-serve',
  'aiohttp-server-ws',
] as const;

describe('built-in policies', () => {
  test.each(TIGHT)('%s: never outlived, and tight', (name) => {
    for (const scenario of [story('vanish-idle'), story('frozen-idle')]) {
      const bound = reachBound(preset(name), scenario);
      if (bound.kind !== 'proved') continue;
      // The phase of the policy in which a ghost lives longest is searched for; the kernel's are met by chance.
      const { ghostMs, undetected } = playPhases(preset(name), scenario, 32, 1n);
      const pinnedMs = undetected > 0 ? Infinity : (ghostMs.maxMs ?? 0);
      const drawnMs = longestGhostMs(preset(name), scenario, 400, 1_400_000) ?? 0;
      const longestMs = Math.max(pinnedMs, drawnMs);
      expect(longestMs).toBeLessThanOrEqual(bound.decidedMs + 0.001);
      expect(bound.decidedMs).toBeLessThanOrEqual(longestMs * 1.02 + 12);
    }
  });

  test.each(['none', 'user-timeout-20s', 'keepalive-10-5-3', 'alive-flag-sweep-lost'] as const)(
    '%s: the kernel’s own end under load',
    (name) => {
      const { decidedMs } = proved(preset(name), story('vanish-busy'));
      const seenMs = longestGhostMs(preset(name), story('vanish-busy'), 300, 1_400_000);
      expect(seenMs).toBeLessThanOrEqual(decidedMs);
      expect(decidedMs).toBeLessThanOrEqual((seenMs ?? 0) * 1.02 + 12);
    },
  );
});

const DRAWN = asMany(80);
const LIVES = 8;

describe('drawn policies on drawn faults', () => {
  // Another set every day of the year would be better still; one that is known to be replayed is what a test can be.
  it(`are not outlived: ${DRAWN} cells, ${LIVES} lives each`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawFault(seed);
      if (cell === null) continue;
      const bound = reachBound(cell.policy, cell.scenario);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const watchMs = Math.max(1_300_000, bound.decidedMs * 1.2);
      const lives = longestLives(cell.policy, cell.scenario, LIVES, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawFault(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 2);
  }, 120_000);
});

describe('counterexamples', () => {
  it('a client that is gone before its load begins sends nothing of it', () => {
    const policy = of([{ kind: 'receive-deadline', timeoutMs: 20_000, life: ['any-byte'] }]);
    const load = { kind: 'periodic', bytes: 630, everyMs: 37_000, direction: 'client' };
    const fault = { kind: 'tunnel-dead', proxyBufferBytes: 0 };
    const story = vanish({ fault, load, path: { rttMs: 240 } });
    const { decidedMs } = proved(policy, story);
    expect(decidedMs).toBe(20_120);
    expect(longestGhostMs(policy, story, 100, 1_000_000)).toBeLessThanOrEqual(decidedMs);
  });

  it('behind what is retransmitted no write leaves, so none meets the reset of a rebooted host', () => {
    const watchdog = {
      kind: 'send-stall',
      progress: 'application-ack',
      graceMs: 7000,
      everyMs: 1165,
    };
    const load = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };
    const fault = { kind: 'reboot', downMs: 8000 };
    const story = vanish({ fault, load, path: { rttMs: 20 }, kernel: { hz: 100 } });
    const seenMs = longestGhostMs(of([watchdog]), story, 60, 1_000_000) ?? 0;
    expect(seenMs).toBeGreaterThan(8_520);
    const found = reachBound(of([watchdog]), story);
    expect(seenMs).toBeLessThanOrEqual(found.kind === 'proved' ? found.decidedMs : Infinity);
  });

  it('a receive buffer that has grown takes for good what a frozen page does not read', () => {
    const policy = of([{ kind: 'write-deadline', timeoutMs: 4700, judgedAt: 'deadline' }]);
    const load = { kind: 'periodic', bytes: 678, everyMs: 900, direction: 'both' };
    const story = vanish({ fault: { kind: 'page-freeze' }, load, path: { rttMs: 120 } });
    expect(longestGhostMs(policy, story, 4, 2_000_000)).toBe(Infinity);
    expect(reachBound(policy, story).kind).toBe('not-proved');
  });
});

describe('what is stated', () => {
  it('is what reachability proves, whoever hears whom', () => {
    const policy = of([{ ...sweep, skipAfter: ['pong'] }]);
    const { decided } = bounds(policy, vanish());
    expect(decided).toMatchObject({ maxMs: 89_975, proved: true });
    expect(decided.formula).toMatch(/sweep interval 30s/);
  });

  it('stays unproved where reachability is cut off or declines', () => {
    const policy = of([{ ...sweep, skipAfter: ['pong'] }]);
    const { decided } = bounds(policy, vanish({ path: { rttMs: 50, jitterMs: 20 } }));
    expect(decided).toMatchObject({ maxMs: null, proved: false });
    expect(reachBound(policy, vanish(), 1)).toMatchObject({ kind: 'not-proved' });
  });
});

describe('a server that does not close at the end of file', () => {
  const deaf = (more: object = {}): Scenario =>
    vanish({ fault: { kind: 'half-close' }, server: { closesAtEof: false }, ...more });

  it('is told by a look at the socket, else by whatever waits for signs of life, else never', () => {
    expect(proved(of([{ kind: 'peer-closed', everyMs: 1000 }]), deaf()).decidedMs).toBe(1_025);
    expect(proved(of([sweep]), deaf()).decidedMs).toBe(60_000);
    expect(
      proved(of([{ kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 }]), deaf())
        .decidedMs,
    ).toBe(Infinity);
  });

  it('its FIN is the last one: a round trip, and an acknowledgement that may be delayed', () => {
    const { decidedMs, released } = proved(of([sweep]), deaf());
    expect(released).toMatchObject({ kind: 'proved' });
    const lives = longestLives(of([sweep]), deaf(), 100, 1_000_000);
    expect(lives?.releasedMs).toBeGreaterThan(decidedMs - 3_000);
    expect(lives?.releasedMs).toBeLessThanOrEqual(released.kind === 'proved' ? released.ms : 0);
  });

  it('a dead process’s kernel may reset what it gets: where something is sent, that nothing ends it is not said', () => {
    const pings = of([
      { kind: 'ping', intervalMs: 5000, replyTimeoutMs: null, life: ['pong'], after: 'last-ping' },
    ]);
    expect(reachBound(pings, deaf({ fault: { kind: 'crash' } })).kind).toBe('not-proved');
  });
});
