/**
 * Proxies that end HTTP/2: pings are answered by the next party that speaks it (RFC 9113 §6.7), so nobody's ping finds who is behind a proxy, and each link is
 * looked after by its own. What is expected are sums of intervals and timeouts.
 */
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { endsOf, isPlayed, type End } from '../../model/stack/index.ts';
import { defineScenario, parseScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { simulate } from '../../scenarios/run.ts';
import { story } from '../support/named.ts';
import { stackOf } from '../support/stack-of.ts';

const RUNS = [0, 1, 2, 3, 4, 5, 6, 7];

function endCalled(line: string, party: string): End {
  const found = endsOf(stackOf(line)).find((one) => one.party === party);
  if (found === undefined) throw new Error(`no end ${party}`);
  return found;
}

function cellOf({ cellOf: played }: End, of: Scenario): Scenario {
  const cell = played(of);
  if (!isPlayed(cell)) throw new Error(cell.because);
  return cell;
}

/** How long ghosts live, and what is proved of that, ms; null = for ever. */
function ghosts(line: string, party: string, of: Scenario = story('vanish-idle')) {
  const one = endCalled(line, party);
  const cell = cellOf(one, of);
  const lives = RUNS.map((run) => {
    const { decidedAtMs, faultAtMs, reason } = simulate(one.policy, cell, { seed: '4', run });
    return { ms: decidedAtMs === null ? null : decidedAtMs - (faultAtMs ?? NaN), reason };
  });
  return { lives, decided: bounds(one.policy, cell).decided };
}

const grpc = 'grpc(Time=60s,Timeout=50s)';
const client = 'grpc-client(Time=60s)';
const quietly = 'stream_idle_timeout=off';

describe('behind Envoy', () => {
  it.each(['grpc', 'grpc-client'])(
    'pings of %s never find who vanished at the other end',
    (party) => {
      const { lives, decided } = ghosts(`${client} > envoy(${quietly}) > ${grpc}`, party);
      expect(lives.map(({ ms }) => ms)).toEqual(RUNS.map(() => null));
      expect(decided).toMatchObject({ proved: true, maxMs: null });
    },
  );

  it('they do where the proxy hands bytes on', () => {
    const { lives, decided } = ghosts(`${client} > envoy(${quietly},speaks=tcp) > ${grpc}`, 'grpc');
    expect(decided.maxMs).toBeLessThanOrEqual(110_200);
    for (const { ms } of lives) expect(ms).toBeLessThanOrEqual(decided.maxMs ?? 0);
  });

  // connection_keepalive: 30 s and up to 15 % more, and 20 s.
  it.each(['grpc', 'grpc-client'])('its own pings find who vanished, and %s is told', (party) => {
    const line = `${client} > envoy(${quietly},keepalive_interval=30s) > grpc(MinTime=20s)`;
    const { lives, decided } = ghosts(line, party);
    expect(decided.maxMs).toBeGreaterThanOrEqual(54_500);
    expect(decided.maxMs).toBeLessThanOrEqual(54_700);
    for (const { ms, reason } of lives) {
      expect(reason).toBe('envoy: ping to the client');
      expect(ms).toBeGreaterThanOrEqual(20_000);
      expect(ms).toBeLessThanOrEqual(decided.maxMs ?? 0);
    }
  });

  it('pings of both ends find a link to it that is cut', () => {
    const cut = defineScenario({
      kind: 'fault',
      name: 'envoy-gone',
      fault: { kind: 'vanish' },
      strikesLink: 1,
    });
    const { lives, decided } = ghosts(`${client} > envoy(${quietly}) > ${grpc}`, 'grpc', cut);
    // The user timeout of 50 s looks at its pings and probes, too.
    expect(decided.maxMs).toBeGreaterThanOrEqual(110_000);
    expect(decided.maxMs).toBeLessThanOrEqual(110_200);
    for (const { ms } of lives) expect(ms).toBeLessThanOrEqual(decided.maxMs ?? 0);
  });

  it('pings are no data to its stream_idle_timeout, and messages are', () => {
    const by = (line: string) =>
      RUNS.map(
        (run) => simulate(stackOf(line), story('live-idle'), { seed: '4', run }).endedAlive?.by,
      );
    const pinging = `grpc-client(Time=10s) > envoy > grpc(Time=10s,MinTime=5s)`;
    expect(by(pinging)).toEqual(RUNS.map(() => 'envoy: idle limit'));
    expect(by(`${client} > envoy > grpc(sends=100s)`)).toEqual(RUNS.map(() => undefined));
  });

  // envoyproxy/go-control-plane#449: every 30 s against MinTime 5 min, GOAWAY after 125 s.
  it('its pings to the server are counted there', () => {
    const line = `${client} > envoy(${quietly},keepalive_interval=30s) > grpc`;
    const strikes = RUNS.map(
      (run) => simulate(stackOf(line), story('live-idle'), { seed: '4', run }).endedAlive,
    );
    for (const ended of strikes) {
      expect(ended?.by).toBe('ping-strikes');
      // The fourth, each 34.5 s after the answer to the one before.
      expect(ended?.afterAcceptMs).toBeGreaterThanOrEqual(4 * 34_500);
      expect(ended?.afterAcceptMs).toBeLessThanOrEqual(4 * 34_500 + 100);
    }
  });

  it('and a frozen one is found by who asks it', () => {
    const frozen = defineScenario({
      kind: 'fault',
      name: 'frozen',
      fault: { kind: 'freeze' },
      strikesProxy: 0,
    });
    for (const { ms } of ghosts(`${client} > envoy(${quietly}) > ${grpc}`, 'grpc', frozen).lives) {
      expect(ms).toBeGreaterThanOrEqual(50_000);
      expect(ms).toBeLessThanOrEqual(110_100);
    }
  });
});

it('WebSocket pings pass, whatever the proxy ends', () => {
  const { lives } = ghosts('browser > envoy(stream_idle_timeout=off) > ws', 'ws');
  for (const { ms } of lives) expect(ms).toBeLessThanOrEqual(60_000);
});

it('only a proxy that answers pings sends its own', () => {
  const read = parseScenario(
    {
      kind: 'live',
      name: 'asks',
      silence: { kind: 'none' },
      proxies: [{ name: 'p', towardsClient: { ping: { intervalMs: '30s' } } }],
    },
    'scenario',
  );
  expect(read.ok ? [] : read.issues.map(({ hint }) => hint)).toEqual([
    'only who ends HTTP/2 sends its pings: set answersPings to true, or leave ping out',
  ]);
});
