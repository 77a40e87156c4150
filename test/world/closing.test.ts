/** A connection that is closing: who still looks at it when the peer never answers the closing handshake. */
import { describe, expect, it } from 'vitest';
import { definePolicy, selectPolicies } from '../../model/policy/index.ts';
import type { MechanismInput, Policy } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { simulate } from '../../scenarios/run.ts';

const unanswered = scenarios['close-unanswered'] as Scenario;

/** How long the descriptor stays open after the closing handshake has begun, ms; Infinity = as long as it was watched. */
function closingMs(policy: Policy): readonly number[] {
  return Array.from({ length: 60 }, (_, run) => {
    const { closedAtMs, faultAtMs } = simulate(policy, unanswered, { seed: '1', run });
    return (closedAtMs ?? Infinity) - (faultAtMs ?? 0);
  });
}

const forEver = { kind: 'close-handshake', timeoutMs: null } as const;

function sweeping(more: Partial<MechanismInput>): Policy {
  const sweep = { kind: 'sweep', intervalMs: '20s', ...more } as MechanismInput;
  return definePolicy({ name: 'sweeping', mechanisms: [sweep, forEver] });
}

describe('a closing handshake that the peer never answers', () => {
  it('is ended by a sweep that looks at closing connections: one to two intervals', () => {
    for (const ms of closingMs(sweeping({ whileClosing: true }))) {
      expect(ms).toBeGreaterThan(20_000 - 1);
      expect(ms).toBeLessThanOrEqual(40_000);
    }
  });

  it('is left to its own limit by one that does not, here for ever', () => {
    expect(new Set(closingMs(sweeping({})))).toEqual(new Set([Infinity]));
    expect(new Set(closingMs(sweeping({ whileClosing: false })))).toEqual(new Set([Infinity]));
  });

  it('is ended by whichever comes first', () => {
    const sweep = { kind: 'sweep', intervalMs: '20s', whileClosing: true } as const;
    const limit = { kind: 'close-handshake', timeoutMs: '5s' } as const;
    const policy = definePolicy({ name: 'both', mechanisms: [sweep, limit] });
    for (const ms of closingMs(policy)) expect(ms).toBeCloseTo(5_000, 0);
  });

  it('hangs up to 440 s in Java-WebSocket with connectionLostTimeout 220 s (Java-WebSocket#1317: about 7 minutes)', () => {
    const selected = selectPolicies('java-websocket(connectionLostTimeout=220)');
    if (!selected.ok) throw new Error('java-websocket takes connectionLostTimeout');
    const hung = closingMs(selected.value[0] as Policy);
    expect(Math.max(...hung)).toBeLessThanOrEqual(440_000);
    expect(Math.max(...hung)).toBeGreaterThan(400_000);
    expect(Math.min(...hung)).toBeGreaterThan(220_000 - 1);
  });
});
