/** The built-in policies: their parameters as the systems they come from have them. */
import { describe, expect, test } from 'vitest';
import { parsePolicy, presets, type Mechanism } from '../../model/policy/index.ts';

/** Mechanisms of a preset; fails the test where there is none of that name. */
function mechanisms(name: string): readonly Mechanism[] {
  const policy = presets[name];
  expect(policy, name).toBeDefined();
  return policy?.mechanisms ?? [];
}

/** What a check of the kind's own numbers takes: missing ones are undefined. */
function one<K extends Mechanism['kind']>(name: string, kind: K): Extract<Mechanism, { kind: K }> {
  const found = mechanisms(name).find((mechanism) => mechanism.kind === kind);
  if (found === undefined) throw new Error(`${name} has no ${kind}`);
  return found as Extract<Mechanism, { kind: K }>;
}

test('the founding policies are all there', () => {
  expect(Object.keys(presets)).toEqual(
    expect.arrayContaining([
      'none',
      'alive-flag-sweep',
      'alive-flag-sweep-lost',
      'sweep-and-pong-timer',
      'sweep-lost-and-pong-timer',
      'ws-heartbeat-per-connection',
      'send-stall-watchdog',
      'queue-stall-watchdog',
      'ack-stall-watchdog',
      'keepalive-linux-default',
      'keepalive-go-15s',
      'keepalive-10-5-3',
      'user-timeout-20s',
      'keepalive-10-5-3-user-timeout-20s',
      'grpc-5s-1s',
      'drain-unbounded',
      'drain-15s',
    ]),
  );
});

test('each says what is claimed, what is true and where it is from, and is in canonical form', () => {
  for (const [name, policy] of Object.entries(presets)) {
    expect(policy.name).toBe(name);
    expect(policy.claim && policy.truth && policy.source, name).toBeTruthy();
    expect(policy.title).not.toBe(name);
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)), '')).toEqual({
      ok: true,
      value: policy,
    });
  }
});

describe('the numbers in the texts follow from the parameters', () => {
  test('sweep: up to two intervals', () => {
    const { intervalMs } = one('alive-flag-sweep', 'sweep');
    expect(presets['alive-flag-sweep']?.claim).toContain(`within ${intervalMs / 1_000} s`);
    expect(presets['alive-flag-sweep']?.truth).toContain(`up to ${(2 * intervalMs) / 1_000} s`);
  });

  test('sweep and pong timer: interval + patience', () => {
    const { intervalMs } = one('sweep-and-pong-timer', 'sweep');
    const { timeoutMs } = one('sweep-and-pong-timer', 'pong-timer');
    // 30 s + 10 s
    expect(presets['sweep-and-pong-timer']?.claim).toContain(
      `${(intervalMs + timeoutMs) / 1_000} s`,
    );
  });

  test.each([
    ['keepalive-linux-default', 7_875],
    ['keepalive-go-15s', 150],
    ['keepalive-10-5-3', 25],
  ])('%s: idle + probes × interval = %d s', (name, seconds) => {
    const { idleMs, intervalMs, probes } = one(name, 'keepalive');
    expect((idleMs + probes * intervalMs) / 1_000).toBe(seconds);
    expect(presets[name]?.truth).toContain(`${seconds} s`);
  });

  test('keepalive with user timeout 10 s: the first check after a probe, at or past it', () => {
    const { idleMs, intervalMs } = one('keepalive-10-5-3-user-timeout-10s', 'keepalive');
    const { timeoutMs } = one('keepalive-10-5-3-user-timeout-10s', 'user-timeout');
    // net/ipv4/tcp_timer.c, tcp_keepalive_timer: needs icsk_probes_out > 0, so not at idleMs itself.
    let check = idleMs + intervalMs;
    while (check < timeoutMs) check += intervalMs;
    expect(check / 1_000).toBe(15);
    expect(presets['keepalive-10-5-3-user-timeout-10s']?.truth).toContain('15 s');
  });

  test('socket.io: pingTimeout to pingInterval + pingTimeout', () => {
    const { intervalMs, replyTimeoutMs } = one('engine.io-v4-server', 'ping');
    expect(replyTimeoutMs).toBe(20_000);
    expect(intervalMs + (replyTimeoutMs ?? NaN)).toBe(45_000);
    expect(presets['engine.io-v4-server']?.truth).toContain('20 s to 45 s');
  });
});

describe('a broken variant differs in what is broken alone', () => {
  test.each([
    ['alive-flag-sweep-lost', 'alive-flag-sweep', 'timer'],
    ['sweep-lost-and-pong-timer', 'sweep-and-pong-timer', 'verdict'],
  ] as const)('%s', (broken, whole, lost) => {
    const [first, ...others] = mechanisms(whole);
    expect(mechanisms(broken)).toEqual([{ ...first, lost }, ...others]);
  });
});
