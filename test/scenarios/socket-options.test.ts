/** Socket options of a scenario's processes: all that are listed can be set, and each does what tcp(7) says of it. */
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import {
  freeSocketOptions,
  socketOptionNames,
  socketOptionTable,
  type SocketOptionValues,
} from '../../model/linux/socket-options.ts';
import { definePolicy, presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { defineScenario, parseScenario } from '../../model/scenario/index.ts';
import type { ScenarioInput } from '../../model/scenario/types.ts';
import { simulate } from '../../scenarios/run.ts';
import { kernelCapabilities } from '../../sim/kernel/capabilities.ts';

const none = presets['none'] as Policy;

function scenario(kernel: object, more: Partial<ScenarioInput> = {}) {
  return defineScenario({
    kind: 'fault',
    name: 'with-options',
    fault: { kind: 'vanish', direction: 'both' },
    load: { kind: 'periodic', bytes: 100, everyMs: '1s' },
    kernel,
    ...more,
  } as ScenarioInput);
}

/** Seconds from the fault to the instant, in one run. */
function seconds(
  of: 'decidedAtMs' | 'releasedAtMs',
  policy: Policy,
  told: ReturnType<typeof scenario>,
) {
  const life = simulate(policy, told, { seed: '1' });
  return ((life[of] as number) - (life.faultAtMs as number)) / 1000;
}

describe('socket options of a scenario', () => {
  it.each(freeSocketOptions)('%s can be set on both sides, at both ends of its range', (name) => {
    const { min, max } = socketOptionTable[name];
    for (const value of [min, max]) {
      const options: SocketOptionValues = { [name]: value };
      const read = parseScenario(
        {
          kind: 'live',
          name: 'x',
          silence: { kind: 'none' },
          kernel: { serverSocketOptions: options, clientSocketOptions: options },
        },
        '',
      );
      expect(read).toMatchObject({ ok: true });
    }
    for (const value of [min - 1, max + 1, min + 0.5]) {
      const options = { [name]: value };
      const read = parseScenario(
        {
          kind: 'live',
          name: 'x',
          silence: { kind: 'none' },
          kernel: { serverSocketOptions: options },
        },
        '',
      );
      expect(read.ok).toBe(false);
    }
  });

  it('names every option of the table on the page, with who sets it', () => {
    for (const name of socketOptionNames) {
      const row = kernelCapabilities.find((one) => one.name === name);
      expect(row?.setBy).toBe(socketOptionTable[name].setBy);
    }
  });

  it('has no second way to set what a mechanism sets', () => {
    const read = parseScenario(
      {
        kind: 'live',
        name: 'x',
        silence: { kind: 'none' },
        kernel: { serverSocketOptions: { TCP_USER_TIMEOUT: 5 } },
      },
      '',
    );
    expect(read.ok).toBe(false);
  });

  it('refuses what kernel 6.12 does not have', () => {
    const read = parseScenario(
      {
        kind: 'live',
        name: 'x',
        silence: { kind: 'none' },
        kernel: { profile: '6.12', clientSocketOptions: { TCP_RTO_MAX_MS: 5_000 } },
      },
      'f.json',
    );
    expect(read).toMatchObject({
      ok: false,
      issues: [
        { code: 'unsupported', path: 'f.json: kernel.clientSocketOptions["TCP_RTO_MAX_MS"]' },
      ],
    });
  });

  it('TCP_RTO_MAX_MS of the server ends a dead connection sooner: 15 retries are 29 s at 2 s', () => {
    const lived = seconds(
      'decidedAtMs',
      none,
      scenario({ serverSocketOptions: { TCP_RTO_MAX_MS: 2_000 } }),
    );
    // tcp_model_timeout: (2^4 − 1) · 0.2 s + (15 − 3) · 2 s = 27 s after the first retransmission.
    expect(lived).toBeGreaterThan(27);
    expect(lived).toBeLessThan(31);
    const other = { clientSocketOptions: { TCP_RTO_MAX_MS: 2_000 } };
    expect(seconds('decidedAtMs', none, scenario(other))).toBeGreaterThan(924);
  });

  it('TCP_SYNCNT of the listener drops a half-open request sooner', () => {
    const half = {
      fault: { kind: 'handshake-abandoned', after: 'syn' },
      load: { kind: 'idle' },
    } as const;
    const lasts = (count: number) =>
      seconds('releasedAtMs', none, scenario({ serverSocketOptions: { TCP_SYNCNT: count } }, half));
    // 1 + 2 s, and 1 + 2 + 4 + 8 s, and the wheel's lateness.
    expect(lasts(1)).toBeGreaterThanOrEqual(3);
    expect(lasts(1)).toBeLessThan(3.2);
    expect(lasts(3)).toBeGreaterThanOrEqual(15);
    expect(lasts(3)).toBeLessThan(16);
  });

  it('TCP_LINGER2 of the server is the life of its orphan in FIN_WAIT2', () => {
    const idle = definePolicy({
      name: 'idle-10',
      mechanisms: [{ kind: 'idle', timeoutMs: '10s', verdict: 'destroy' }],
    });
    const frozen = { fault: { kind: 'freeze' }, load: { kind: 'idle' } } as const;
    const after = (options: SocketOptionValues): number => {
      const told = scenario({ serverSocketOptions: options }, frozen);
      return seconds('releasedAtMs', idle, told) - seconds('decidedAtMs', idle, told);
    };
    expect(after({})).toBeGreaterThan(59);
    const short = after({ TCP_LINGER2: 5 });
    expect(short).toBeGreaterThan(5);
    expect(short).toBeLessThan(6);
    expect(after({ TCP_LINGER2: -1 })).toBeLessThan(1);
  });

  it('nothing is stated of a policy under options that nobody derived a form for', () => {
    const plain = presets['alive-flag-sweep'] as Policy;
    expect(bounds(plain, scenario({})).decided.proved).toBe(true);
    const told = scenario({ serverSocketOptions: { TCP_NODELAY: 0 } });
    expect(bounds(plain, told).decided).toMatchObject({ proved: false, maxMs: null });
  });
});
