/**
 * A broadcast loop whose sends block: how long those with whom nothing is wrong wait for those that take nothing. What is expected are the
 * reported times: sta/websocket-sharp#394 (5 h), Links2004/arduinoWebSockets#374 (10.002 s).
 */
import { describe, expect, it } from 'vitest';
import { definePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { defineScenario, parseScenario, type ScenarioInput } from '../../model/scenario/index.ts';
import { simulate } from '../../scenarios/run.ts';

const none = presets['none'] as Policy;
const writesFor = (timeoutMs: string): Policy =>
  definePolicy({ name: 'write-deadline', mechanisms: [{ kind: 'write-deadline', timeoutMs }] });

const told = {
  load: { kind: 'periodic', bytes: 1_024, everyMs: '250ms' },
  server: { sendPath: 'locked', userQueueBytes: 0 },
  watchMs: '6h',
} as const;

function waitMs(policy: Policy, ghosts: number, more: object): number | null {
  const input = { name: 'broadcast', ...told, story: { kind: 'broadcast', ghosts }, ...more };
  const { fleet } = simulate(policy, defineScenario(input as ScenarioInput), { seed: '3' });
  const figure = fleet?.find(({ name }) => name === 'others wait');
  if (figure === undefined) throw new Error('nobody counted');
  return figure.value;
}

const frozen = { kind: 'fault', fault: { kind: 'freeze' } };

describe('the others wait', () => {
  it('for ever, where nothing ends a send that blocks', () => {
    expect(waitMs(none, 1, frozen)).toBeNull();
  });

  it.each([1, 2, 5])('for the deadline of a write, %d times', (ghosts) => {
    expect(waitMs(writesFor('10s'), ghosts, frozen)).toBeCloseTo(ghosts * 10_000, -2);
  });

  it('no longer for many than for one, where each is judged by a clock of its own', () => {
    const userTimeout = presets['user-timeout-20s'] as Policy;
    const one = waitMs(userTimeout, 1, frozen) ?? NaN;
    expect(one).toBeGreaterThan(0);
    expect((waitMs(userTimeout, 5, frozen) ?? NaN) - one).toBeLessThan(1_000);
  });

  it('as long as a living client does not read, once its buffers are full, and not at all before', () => {
    const paused = (lengthMs: string) => ({
      kind: 'live',
      silence: { kind: 'process-pause', lengthMs },
    });
    expect(waitMs(none, 2, paused('5s'))).toBe(0);
    const longMs = waitMs(none, 2, paused('10m')) ?? NaN;
    expect(longMs).toBeGreaterThan(400_000);
    expect(longMs).toBeLessThan(600_000);
  });
});

it.each([
  [{ server: {} }, 'server.sendPath'],
  [{ load: { kind: 'idle' } }, 'load.kind'],
  [{ load: { ...told.load, direction: 'client' } }, 'load.kind'],
  [{ load: { kind: 'saturated' } }, 'load.kind'],
])('%j is refused, with what to write', (more, path) => {
  const input = { name: 'x', ...told, ...frozen, story: { kind: 'broadcast', ghosts: 1 }, ...more };
  const read = parseScenario(input, 'x.json');
  expect(read.ok ? [] : read.issues.map((one) => one.path)).toEqual([`x.json: ${path}`]);
  expect(read.ok ? '' : read.issues[0]?.hint).toMatch(/: write /);
});
