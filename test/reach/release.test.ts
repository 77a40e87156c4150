/**
 * What follows the decision: close(2) and the end of the kernel's socket, by hand where the rules of Linux give a number, and against
 * simulated lives.
 */
import { describe, expect, it, test } from 'vitest';
import { definePolicy, presets as builtIn } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios as catalogue } from '../../scenarios/catalog/index.ts';
import { longestLives } from './lives.ts';

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

/** Closed, and forgotten, so long after the decision, ms. */
function after(policy: Policy, scenario: Scenario): { closedMs: number; releasedMs: number } {
  const { decidedMs, closed, released } = proved(policy, scenario);
  if (closed.kind !== 'proved') throw new Error(closed.because);
  if (released.kind !== 'proved') throw new Error(released.because);
  return { closedMs: closed.ms - decidedMs, releasedMs: released.ms - decidedMs };
}

function sweep(verdict: string, ...more: object[]): Policy {
  const mechanism = { kind: 'sweep', intervalMs: '30s', timer: 'per-connection', life: ['pong'] };
  return definePolicy({ name: 'one', mechanisms: [{ ...mechanism, verdict }, ...more] } as never);
}

function story(fault: object, more: object = {}): Scenario {
  const path = { rttMs: 50 };
  const load = { kind: 'idle' };
  return defineScenario({ kind: 'fault', name: 'story', fault, load, path, ...more } as never);
}

const vanish = story({ kind: 'vanish', direction: 'both' });
const freeze = story({ kind: 'freeze' });

describe('after the decision', () => {
  it('a reset leaves nothing', () => {
    expect(after(sweep('reset'), vanish)).toEqual({ closedMs: 0, releasedMs: 0 });
  });

  it('an orphan sends its ping and FIN until the first expiry 102.2 s after the first retransmission', () => {
    const { closedMs, releasedMs } = after(sweep('destroy'), vanish);
    expect(closedMs).toBe(0);
    // Both ticks before have pinged: the clock has run for 29.5 s, and the expiries are at 0.25 s · (2^k − 1).
    expect(releasedMs).toBeGreaterThan(127_000 - 30_000);
    expect(releasedMs).toBeLessThan(133_000 - 29_000);
  });

  it('a kernel that gave up while the process stood still leaves nothing', () => {
    const { 'grpc-go-server': server } = builtIn;
    const { 'loop-stalled': stalled } = catalogue;
    if (server === undefined || stalled === undefined) throw new Error('both are built in');
    expect(after(server, stalled)).toEqual({ closedMs: 0, releasedMs: 0 });
  });

  it('a kernel that answers leaves it in FIN_WAIT2 for tcp_fin_timeout', () => {
    const { releasedMs } = after(sweep('destroy'), freeze);
    expect(releasedMs).toBeGreaterThan(60_000);
    // A timer of 60 s waits in a bucket of 2.048 s.
    expect(releasedMs).toBeLessThanOrEqual(60_000 + 2_048 + 50 + 50 + 208);
  });

  it('a goodbye that nobody answers takes its own time, for ever where it has none', () => {
    const hurry = { kind: 'close-handshake', timeoutMs: '5s' };
    expect(after(sweep('close', hurry), freeze).closedMs).toBe(5_000);
    expect(after(sweep('close'), freeze).closedMs).toBe(30_000);
    const patient = { kind: 'close-handshake', timeoutMs: null };
    expect(proved(sweep('close', patient), freeze).closed).toMatchObject({ ms: Infinity });
  });

  it('a server that says goodbye first has decided at once', () => {
    const bound = proved(sweep('destroy'), story({ kind: 'close-unanswered' }));
    expect(bound.decidedMs).toBe(0);
    expect(bound.closed).toMatchObject({ kind: 'proved', ms: 30_000 });
  });

  it('a peer that is not gone may hold the window shut: not proved under a load', () => {
    const load = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };
    const bound = proved(sweep('destroy'), story({ kind: 'freeze' }, { load }));
    expect(bound.closed.kind).toBe('proved');
    expect(bound.released.kind).toBe('not-proved');
  });
});

describe('built-in policies', () => {
  test.each([
    ['alive-flag-sweep', 'vanish-idle'],
    ['engine.io-v4-server', 'vanish-idle'],
    ['ws-heartbeat-per-connection', 'frozen-idle'],
    ['alive-flag-sweep', 'close-clean'],
    ['alive-flag-sweep', 'half-close'],
  ] as const)('%s on %s: no socket stands longer, and one nearly so long', (name, fault) => {
    const policy = builtIn[name] as Policy;
    const scenario = catalogue[fault] as Scenario;
    const { closed, released } = proved(policy, scenario);
    if (closed.kind !== 'proved' || released.kind !== 'proved') throw new Error('not proved');
    const seen = longestLives(policy, scenario, 200, 1_300_000);
    expect(seen).not.toBeNull();
    expect(seen?.closedMs).toBeLessThanOrEqual(closed.ms + 0.001);
    expect(seen?.releasedMs).toBeLessThanOrEqual(released.ms + 0.001);
    expect(released.ms).toBeLessThanOrEqual((seen?.releasedMs ?? 0) * 1.05 + 50);
  });
});
