/** What `--policy` takes: names, aliases, a system's own settings, tags. */
import { describe, expect, test } from 'vitest';
import {
  canonicalPolicyText,
  parsePolicy,
  presets,
  selectPolicies,
  type Policy,
} from '../../model/policy/index.ts';

function one(selector: string): Policy {
  const found = selectPolicies(selector);
  if (!found.ok) throw new Error(JSON.stringify(found.issues));
  expect(found.value).toHaveLength(1);
  return found.value[0] as Policy;
}

/** What the policy does, without its name and prose. */
function acts({ mechanisms, peerHeartbeat }: Policy) {
  return { mechanisms, peerHeartbeat };
}

describe('names and aliases', () => {
  test.each([
    ['socket.io', 'engine.io-v4-server'],
    ['uws', 'uwebsockets'],
    ['bun', 'bun-serve'],
    ['deno', 'deno-upgradeWebSocket'],
    ['websockets', 'websockets-py-asyncio'],
    ['cowboy', 'cowboy-ws'],
    ['phoenix', 'phoenix-server+client'],
    ['nats', 'nats-server'],
    ['mosquitto', 'mqtt-mosquitto'],
    ['kubernetes', 'k8s-termination'],
  ])('%s is %s under the name that was typed', (alias, name) => {
    const policy = one(alias);
    expect(policy.name).toBe(alias);
    expect(acts(policy)).toEqual(acts(presets[name] as Policy));
  });

  test('no two built-in policies share a word', () => {
    for (const name of Object.keys(presets)) expect(one(name)).toEqual(presets[name]);
  });
});

describe("settings under the system's own names", () => {
  test('a duration with a unit, and a bare number in the unit of the system', () => {
    for (const text of [
      'socket.io(pingInterval=10s,pingTimeout=5s)',
      'socket.io(pingTimeout=5000, pingInterval=10000)',
    ]) {
      const policy = one(text);
      // In the order of the preset, whatever the order of the writer.
      expect(policy.name).toBe('socket.io(pingInterval=10s,pingTimeout=5s)');
      expect(policy.mechanisms[0]).toMatchObject({ intervalMs: 10_000, replyTimeoutMs: 5_000 });
    }
    // uWebSockets counts in seconds, and cuts a margin of 4, 8 or 16 s off: 8 s is 4 + 4, 30 s 22 + 8.
    expect(one('uws(idleTimeout=8)').mechanisms[0]).toMatchObject({
      intervalMs: 4_000,
      replyTimeoutMs: 4_000,
    });
    expect(one('uws(idleTimeout=30s)').mechanisms[0]).toMatchObject({
      intervalMs: 22_000,
      replyTimeoutMs: 8_000,
    });
  });

  test('only what differs from the default is in the name; then it makes no claim', () => {
    expect(one('socket.io(pingInterval=25s)')).toEqual(one('socket.io'));
    expect(one('socket.io(pingInterval=1s)').claim).toBeUndefined();
    expect(one('socket.io').claim).toBeDefined();
  });

  test('a switch that is off has no mechanism', () => {
    expect(one('bun(idleTimeout=0)').mechanisms).toEqual([]);
    expect(one('websockets(ping_interval=None)').mechanisms).toEqual([
      { kind: 'close-handshake', timeoutMs: 10_000, clock: 'written' },
    ]);
    expect(one('redis-output-buffer(class=normal)').mechanisms).toEqual([]);
  });

  test('the result is a policy like any other: it can be written to a file and read again', () => {
    const policy = one('aiohttp(heartbeat=4)');
    expect(parsePolicy(JSON.parse(canonicalPolicyText(policy)), '')).toEqual({
      ok: true,
      value: policy,
    });
  });

  test.each([
    ['socket.io(pingIntervall=1s)', 'unknown-option', 'did you mean "pingInterval"?'],
    ['socket.io(pingInterval=soon)', 'bad-option', undefined],
    ['socket.io(pingInterval=1s,pingInterval=2s)', 'bad-option', undefined],
    ['socket.io(pingInterval)', 'bad-option', undefined],
    ['uws(idleTimeout=4)', 'bad-option', undefined],
    ['none(x=1)', 'unknown-option', undefined],
    ['sockt.io(pingInterval=1s)', 'unknown-name', 'did you mean "socket.io"?'],
  ])('%s: %s', (selector, code, hint) => {
    const found = selectPolicies(selector);
    if (found.ok) throw new Error('expected an issue');
    expect(found.issues).toHaveLength(1);
    expect(found.issues[0]).toMatchObject(hint === undefined ? { code } : { code, hint });
  });

  test('what is refused says what would be taken', () => {
    expect(selectPolicies('uws(idleTimeout=4)')).toMatchObject({
      issues: [
        {
          path: 'uws(idleTimeout)',
          received: '"4"',
          expected:
            'a duration from 8s to 16m, a multiple of 1s, such as 30s; a bare number is s; or off',
        },
      ],
    });
  });
});

describe('tags', () => {
  test('@all is every one, @founding those of the five systems', () => {
    expect(selectPolicies('@all')).toMatchObject({ ok: true, value: Object.values(presets) });
    const founding = selectPolicies('@founding');
    const names = founding.ok ? founding.value.map(({ name }) => name) : [];
    expect(names).toContain('alive-flag-sweep');
    expect(names).toContain('drain-15s');
    expect(names).not.toContain('cowboy-ws');
  });

  test('an unknown one names the nearest', () => {
    expect(selectPolicies('@fonding')).toMatchObject({
      issues: [{ code: 'unknown-tag', hint: 'did you mean "@founding"?' }],
    });
  });
});
