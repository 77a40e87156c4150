/**
 * Connections that end at a proxy. What is expected are sums of its limits and of the round trips, and what TCP says: keepalive and
 * acknowledgements reach one hop, bytes, FIN and RST are handed on.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { defineScenario, parseScenario } from '../../model/scenario/index.ts';
import type { ScenarioInput } from '../../model/scenario/types.ts';
import type { RunResult } from '../../model/results/types.ts';
import { simulate } from '../../scenarios/run.ts';

type Proxies = NonNullable<ScenarioInput['proxies']>;

const nginx: Proxies = [{ name: 'nginx', idleMs: '60s' }];
const none = presets['none'] as Policy;
const keepalive = presets['keepalive-10-5-3'] as Policy;
const socketIo = presets['engine.io-v4-server'] as Policy;

function live(proxies: Proxies, more: object = {}) {
  return defineScenario({
    kind: 'live',
    name: 'behind-proxies',
    silence: { kind: 'none' },
    proxies,
    watchMs: '10m',
    ...more,
  });
}

function gone(proxies: Proxies, more: object = {}) {
  const fault = { kind: 'vanish' } as const;
  return defineScenario({ kind: 'fault', name: 'behind-proxies', fault, proxies, ...more });
}

function ghostMs({ decidedAtMs, faultAtMs }: RunResult): number {
  return (decidedAtMs ?? Infinity) - (faultAtMs ?? Infinity);
}

const runs = [0, 1, 2, 3, 4, 5, 6, 7];
const livesOf = (policy: Policy, scenario: ReturnType<typeof live>): readonly RunResult[] =>
  runs.map((run) => simulate(policy, scenario, { seed: '7', run, trace: true }));

describe('a limit of a proxy', () => {
  it('ends a living client that nobody asks anything, 60 s after both connections are open', () => {
    for (const run of livesOf(none, live(nginx))) {
      expect(run.reason).toBe('nginx: idle limit');
      expect(run.endedAlive).not.toBeNull();
      const opened = run.events.find(({ event }) => event === 'accepted')?.atMs ?? NaN;
      const gaveUp = run.events.find(({ event }) => event === 'proxy-gives-up')?.atMs ?? NaN;
      // The proxy knows half a round trip of its link before the server's accept; 1 ms there and back.
      expect(gaveUp - opened).toBeGreaterThanOrEqual(59_998);
      expect(gaveUp - opened).toBeLessThanOrEqual(60_000);
    }
  });

  it('is not put off by the keepalive of a kernel, which ends at the proxy, and is by pings, which pass', () => {
    for (const run of livesOf(keepalive, live(nginx))) expect(run.endedAlive).not.toBeNull();
    for (const run of livesOf(socketIo, live(nginx))) expect(run.endedAlive).toBeNull();
  });

  it('on one side counts what that side sends alone', () => {
    const talks = { load: { kind: 'periodic', bytes: 100, everyMs: '10s', direction: 'server' } };
    const haproxy: Proxies = [{ name: 'haproxy', clientIdleMs: '50s' }];
    for (const run of livesOf(none, live(haproxy, talks))) {
      expect(run.reason).toBe('haproxy: limit on the client');
    }
    for (const run of livesOf(none, live([{ name: 'haproxy', serverIdleMs: '50s' }], talks))) {
      expect(run.endedAlive).toBeNull();
    }
  });

  it('finds a ghost for a server that judges nobody: within the limit of its last byte', () => {
    for (const run of livesOf(none, gone(nginx))) {
      expect(ghostMs(run)).toBeLessThanOrEqual(60_002);
      expect(run.reason).toBe('nginx: idle limit');
    }
  });

  it('that is the shortest of several decides', () => {
    const two: Proxies = [
      { name: 'alb', idleMs: '90s' },
      { name: 'nginx', idleMs: '40s' },
    ];
    for (const run of livesOf(none, live(two))) expect(run.reason).toBe('nginx: idle limit');
    for (const run of livesOf(none, live([...two].toReversed() as Proxies))) {
      expect(run.reason).toBe('nginx: idle limit');
    }
  });

  it('longer than the server’s own patience leaves the ghost to it: no later than without a proxy', () => {
    // Two intervals less half a round trip, and a tick of the further hop.
    const sweep = definePolicy({
      name: 'sweep',
      mechanisms: [{ kind: 'sweep', intervalMs: '15s', life: ['pong'] }],
    });
    for (const run of livesOf(sweep, gone([{ name: 'nginx', idleMs: '5m' }]))) {
      expect(run.outcome).toBe('reaped');
      expect(ghostMs(run)).toBeLessThanOrEqual(30_000);
      expect(ghostMs(run)).toBeGreaterThanOrEqual(15_000 - 52);
    }
  });
});

describe('a proxy hands on', () => {
  it('the end of a client that crashes: a round trip later the server knows', () => {
    const crashed = gone([{ name: 'nginx' }], { fault: { kind: 'crash' } });
    for (const run of livesOf(none, crashed)) expect(ghostMs(run)).toBeLessThanOrEqual(100);
  });

  it('a half-close as one, or closes both', () => {
    const halfClose = { fault: { kind: 'half-close' }, server: { closesAtEof: false } };
    const passing = gone([{ name: 'haproxy', halfClose: 'passes' }], halfClose);
    for (const run of livesOf(none, passing)) {
      expect(run.events.some(({ event }) => event === 'end-of-file')).toBe(true);
      expect(run.decidedAtMs).toBeNull();
    }
    const closing = gone([{ name: 'nginx' }], halfClose);
    for (const { events } of livesOf(none, closing)) {
      const fins = events.filter(
        ({ where, flags, from }) =>
          where === 'far-wire' && from === 'nginx' && String(flags).includes('F'),
      );
      expect(fins).not.toEqual([]);
    }
  });

  it('no more than its buffers hold to a client that reads nothing: the server’s sends stand still', () => {
    const frozen = gone([{ name: 'nginx' }], {
      fault: { kind: 'freeze' },
      load: { kind: 'saturated' },
    });
    const watchdog = presets['send-stall-watchdog'] as Policy;
    for (const run of livesOf(watchdog, frozen)) expect(run.outcome).toBe('reaped');
  });

  it('every byte in its order, over any number of hops: pings are answered and nobody is ended', () => {
    const hops: Proxies = [1, 2, 3, 4].map((n) => ({ name: `hop-${n}`, rttMs: `${n}ms` }));
    const busy = { load: { kind: 'periodic', bytes: 3_000, everyMs: '700ms', direction: 'both' } };
    for (const run of livesOf(socketIo, live(hops, busy))) {
      expect(run.outcome).toBe('survived');
      expect(run.events.filter(({ event }) => event === 'pong-read').length).toBeGreaterThan(10);
    }
  });
});

it('far from the next one does not keep the load from beginning: the server’s side is open by then', () => {
  const talks = { kind: 'periodic', bytes: 100, everyMs: '300ms', direction: 'server' };
  const far = gone([{ name: 'far', rttMs: '200ms' }], { load: talks });
  for (let run = 0; run < 40; run += 1) {
    const { events } = simulate(none, far, { seed: '7', run, trace: true });
    expect(events.some(({ event }) => event === 'load-started')).toBe(true);
  }
});

describe('a run with proxies', () => {
  it('is the same for the same seed, with and without a timeline', () => {
    const scenario = gone(nginx);
    const [one, two, quiet] = [true, true, false].map((trace) =>
      simulate(socketIo, scenario, { seed: '3', trace }),
    );
    expect(one).toEqual(two);
    expect(quiet?.digest).toBe(one?.digest);
  });

  it('is refused where its story is about more than one connection', () => {
    const parsed = parseScenario(
      {
        kind: 'live',
        name: 'x',
        silence: { kind: 'none' },
        proxies: nginx,
        story: { kind: 'restart', clients: 10, downMs: '1s', acceptsPerSecond: 1 },
      },
      'x.json',
    );
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed)).toMatch(/leave proxies out/);
  });
});
