/**
 * What `tune` proposes is applied: the stack that it prints is read again, needs no other change, and in it lives are as long as
 * was proved, the living are spared, and no idle limit cuts them off.
 */
import { describe, expect, it } from 'vitest';
import { lint } from '../../proof/lint/index.ts';
import { tuneSettings } from '../../proof/tune/settings.ts';
import { hopsOf, lineFor, systems, timesOf } from '../../model/stack/index.ts';
import { parseDuration } from '../../model/duration.ts';
import { simulate } from '../../scenarios/run.ts';
import { story } from '../support/named.ts';
import { stackOf } from '../support/stack-of.ts';

const S = 1_000;
const asked = [
  ['browser > nginx > socket.io(pingInterval=50s)', 'nginx', 120 * S, 0],
  ['browser > nginx > socket.io(pingInterval=50s)', 'socket.io', 120 * S, 0],
  ['browser > aws-alb > ws', 'ws', 45 * S, 4 * S],
  ['browser > haproxy(client=30s) > websockets', 'haproxy', 60 * S, 0],
  ['client > proxy(idle=40s) > gorilla', 'proxy', 90 * S, 0],
  ['client > aiohttp', 'aiohttp', 30 * S, 4 * S],
  ['client > carrier-nat > Java-WebSocket', 'Java-WebSocket', 60 * S, 9 * S],
  ['browser > nginx > sockjs', 'sockjs', 40 * S, 4 * S],
] as const;

describe('what tune proposes, applied', () => {
  it.each(asked)('%s, for %s', (line, names, maxGhostMs, outageMs) => {
    const request = {
      for: names.split(','),
      maxGhostMs,
      ...(outageMs > 0 && { survive: { outage: outageMs } }),
    };
    const { met, changes, tuned, rows } = tuneSettings({ stack: stackOf(line), ...request });
    expect([met, tuned === null]).toEqual([true, false]);
    const stack = stackOf(tuned ?? '');
    const again = tuneSettings({ stack, ...request });
    expect([again.met, again.changes]).toEqual([true, []]);
    for (const { party, option, to } of changes) {
      expect(
        hopsOf(stack)
          .find(({ called }) => called === party)
          ?.settings.get(option),
      ).toBe(to);
    }
    for (const { party, kind, scenario, statedMs } of rows) {
      if (kind !== 'fault') continue;
      for (let run = 0; run < 5; run += 1) {
        const life = simulate(stack, story(scenario), { seed: '9', run, party });
        expect(Number(life.decidedAtMs) - Number(life.faultAtMs)).toBeLessThanOrEqual(
          Math.min(maxGhostMs, statedMs ?? 0),
        );
      }
    }
    const cut = new Set([
      'path-forgets-before-ping',
      'limit-not-above-interval',
      'kills-healthy-client',
    ]);
    const found = lint(stack).filter(({ rule, severity }) => cut.has(rule) && severity !== 'note');
    expect(found.map(({ message }) => message)).toEqual([]);
  });
});

it('every option of every system that is a time has a line with the time in it, in a unit of its own', () => {
  const places = {
    client: (word: string) => `${word} > server`,
    box: (word: string) => `client > ${word} > server`,
    proxy: (word: string) => `client > ${word} > server`,
    server: (word: string) => `client > ${word}`,
    orchestrator: (word: string) => `client > server @ ${word}`,
  };
  const lines = systems.flatMap(({ name, role, aliases }) => {
    const word = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name) ? name : (aliases[0] ?? name);
    const hop = hopsOf(stackOf(places[role](word))).find((one) => one.system?.name === name);
    if (hop === undefined) return [];
    return timesOf(hop).map((option) => lineFor(hop, option, '77s'));
  });
  expect(lines.length).toBeGreaterThan(150);
  for (const line of lines) expect(line).toMatch(/77(?:s|000|\b)|1\.2833/);
  expect(parseDuration('77s', '')).toMatchObject({ value: 77_000 });
});

it('lines are those of the systems', () => {
  const line = (stack: string, party: string, option: string, value: string) =>
    lineFor(hopsOf(stackOf(stack)).find(({ called }) => called === party) as never, option, value);
  const stack = 'browser > haproxy > nginx > postgres';
  expect(line(stack, 'haproxy', 'tunnel', '2h')).toBe('haproxy: timeout tunnel 7200s');
  expect(line(stack, 'haproxy', 'hard-stop-after', '30s')).toBe('haproxy: hard-stop-after 30s');
  expect(line(stack, 'postgres', 'tcp_user_timeout', '20s')).toBe(
    "postgres: tcp_user_timeout = '20s'",
  );
  expect(line('client > kestrel', 'kestrel', 'KeepAliveTimeout', '145s')).toBe(
    'kestrel: options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(145)',
  );
  expect(line('client > go-server', 'go-server', 'IdleTimeout', '65s')).toBe(
    'go-server: IdleTimeout: 65 * time.Second',
  );
  expect(line('client > uvicorn', 'uvicorn', 'ws_ping_interval', '15s')).toBe(
    'uvicorn: --ws-ping-interval 15',
  );
  // Nothing of the client itself sets it.
  expect(line('ioredis > redis', 'ioredis', 'heartbeat', '150s')).toBe(
    'ioredis: a message of the application every 150s (it has no option for that)',
  );
  expect(line('client > redis', 'client', 'heartbeat', '150s')).toBe('client: heartbeat=150s');
});
