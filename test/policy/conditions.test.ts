/** Every built-in policy says where it is from, under which conditions it holds, and what its runtime adds to it. */
import { describe, expect, test } from 'vitest';
import {
  catalogue,
  presets,
  selectPolicies,
  type Policy,
  type Preset,
} from '../../model/policy/index.ts';
import { parseDuration } from '../../model/duration.ts';

const byName = catalogue.map((preset) => [preset.policy.name, preset] as const);

function one(selector: string): Policy {
  const found = selectPolicies(selector);
  if (!found.ok) throw new Error(JSON.stringify(found.issues));
  return found.value[0] as Policy;
}

/** Whether the option's default is what somebody would choose; a word, and an option that is off, always is. */
function isPlausible({ default: text, plausible }: Preset['options'][number]): boolean {
  if (plausible === null || text === 'off') return true;
  const duration = parseDuration(text, '');
  const value = duration.ok ? duration.value : Number(text);
  return value >= plausible.least && value <= plausible.most;
}

/** The kinds of socket options that a runtime can set. */
const socketKinds = new Set(['keepalive', 'user-timeout', 'write-deadline']);

describe.each(byName)('%s', (name, { policy, assumes, runtime, notModelled, options }) => {
  test('states source, assumptions and runtime, each as one sentence without its full stop', () => {
    expect(policy.source?.length ?? 0).toBeGreaterThan(5);
    expect(assumes.length).toBeGreaterThan(0);
    const texts = [...assumes, ...notModelled, runtime.name, runtime.sets, runtime.source];
    for (const text of texts) expect(text).toMatch(/^\S.{3,}[^.\s]$/);
  });

  test('has what its runtime sets, once', () => {
    for (const { kind } of runtime.mechanisms) {
      expect(socketKinds).toContain(kind);
      expect(policy.mechanisms.filter((one) => one.kind === kind)).toHaveLength(1);
    }
    // What it says in words is there as a mechanism, by the preset's own options or the runtime's.
    const kinds = policy.mechanisms.map(({ kind }) => kind);
    expect(kinds.includes('keepalive') || !runtime.sets.startsWith('SO_KEEPALIVE')).toBe(true);
  });

  test('takes its own defaults for plausible, in units that a bare number has', () => {
    expect(options.filter((option) => !isPlausible(option)).map((option) => option.name)).toEqual(
      [],
    );
    for (const { unit, plausible, expected } of options) {
      expect(plausible === null).toBe(unit === 'word');
      expect(expected.includes(`a bare number is ${unit}`)).toBe(/^(?:ms|s|min)$/.test(unit));
    }
    expect(one(name)).toEqual(presets[name]);
  });
});

describe('what people slip on is outside of what is plausible', () => {
  test.each([
    // Milliseconds typed as seconds, seconds as milliseconds: Jupyter, Flask-SocketIO#1247.
    ['engine.io-v4-server', 'pingInterval', 10],
    ['websockets-py-asyncio', 'ping_interval', 20_000_000],
    ['cowboy-ws', 'idle_timeout', 60],
    ['uwebsockets', 'idleTimeout', 30],
    ['mqtt-mosquitto', 'keepAlive', 60_000_000],
  ])('%s(%s) of %d ms', (name, optionName, ms) => {
    const option = catalogue
      .find(({ policy }) => policy.name === name)
      ?.options.find((candidate) => candidate.name === optionName);
    const { least, most } = option?.plausible ?? { least: NaN, most: NaN };
    expect(ms < least || ms > most).toBe(true);
  });
});
