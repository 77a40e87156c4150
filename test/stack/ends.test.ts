/** The ends of a stack: who judges, on which link, what of a story is played there, and that it plays as the systems are reported to do. */
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../model/issue.ts';
import {
  builtInStacks,
  endsOf,
  isPlayed,
  linksOf,
  parseExpression,
  reaches,
  spanEnd,
  wayOf,
  type End,
  type Stack,
} from '../../model/stack/index.ts';
import { bounds } from '../../model/bounds/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { simulate } from '../../scenarios/run.ts';

const stackOf = (line: string): Stack => {
  const read = parseExpression(line);
  if (!read.ok) throw new Error(read.issues.map(formatIssue).join('\n'));
  return read.value;
};
const story = (name: string): Scenario => {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};
const end = (line: string, party: string): End => {
  const found = endsOf(stackOf(line)).find((one) => one.party === party);
  if (found === undefined) throw new Error(`no end ${party}`);
  return found;
};
const played = (line: string, party: string, name: string): Scenario => {
  const cell = end(line, party).cellOf(story(name));
  if (!isPlayed(cell)) throw new Error(cell.because);
  return cell;
};
const because = (line: string, party: string, name: string): string => {
  const cell = end(line, party).cellOf(story(name));
  return isPlayed(cell) ? 'played' : cell.because;
};
const boundMs = (line: string, party: string, name: string): number | null =>
  bounds(end(line, party).policy, played(line, party, name)).decided.maxMs;

describe('spans', () => {
  const hops = wayOf(stackOf('client > carrier-nat > envoy > nginx(speaks=tcp) > ipvs > grpc')).map(
    ({ hop }) => hop,
  );
  const server = hops.length - 1;

  it.each([
    // client 0, NAT 1, Envoy 2, nginx 3, IPVS 4, server 5.
    ['kernel', server, 'client', 3],
    ['kernel', 0, 'server', 2],
    ['http2', server, 'client', 2],
    ['http2', 0, 'server', 2],
    ['websocket', server, 'client', 0],
    ['message', 0, 'server', server],
  ] as const)(
    'a signal of the %s from hop %d towards the %s ends at %d',
    (signal, from, to, at) => {
      expect(spanEnd(hops, signal, from, to)).toBe(at);
      expect(reaches(hops, signal, from, at)).toBe(true);
    },
  );

  it('boxes see what passes them, and nothing of what ends before', () => {
    expect(reaches(hops, 'kernel', server, 4)).toBe(true);
    expect(reaches(hops, 'kernel', server, 1)).toBe(false);
    expect(reaches(hops, 'websocket', server, 1)).toBe(true);
    expect(reaches(hops, 'websocket', server, server)).toBe(false);
  });
});

describe('links', () => {
  it('are between neighbouring parties, with their boxes', () => {
    const links = linksOf(stackOf('browser > carrier-nat > aws-alb > ipvs > ws'));
    expect(
      links.map(({ left, boxes, right }) =>
        [left, ...boxes, right].map(({ hop }) => hop.called).join(' '),
      ),
    ).toEqual(['browser carrier-nat aws-alb', 'aws-alb ipvs ws']);
  });
});

describe('who judges', () => {
  it('is the server, every proxy, and a client that has a policy', () => {
    const parties = (line: string): readonly string[] =>
      endsOf(stackOf(line)).map(({ party, link }) => `${party} ${link}`);
    expect(parties('browser > aws-alb > nginx > ws')).toEqual(['ws 2', 'nginx 1', 'aws-alb 0']);
    expect(parties('socket.io-client > socket.io')).toEqual(['socket.io 0', 'socket.io-client 0']);
    expect(parties('client > ws')).toEqual(['ws 0']);
  });

  it('hears of the other side what reaches it', () => {
    expect(
      end('phoenix-client(heartbeatIntervalMs=20s) > aws-alb > phoenix', 'phoenix').policy
        .peerHeartbeat?.everyMs,
    ).toBe(20_000);
    expect(
      end('socket.io-client > nginx > socket.io(pingInterval=40s)', 'socket.io-client').policy
        .peerHeartbeat?.everyMs,
    ).toBe(40_000);
  });

  it('has kernels of its own on each side of a link', () => {
    const line = 'client(net.ipv4.tcp_retries2=5) > path(rtt=20ms) > none(net.ipv4.tcp_retries2=8)';
    const { kernel, path } = played(line, 'none', 'vanish-busy');
    expect(kernel.serverSysctls).toEqual({ 'net.ipv4.tcp_retries2': 8 });
    expect(kernel.clientSysctls).toEqual({ 'net.ipv4.tcp_retries2': 5 });
    expect(path.rttMs).toBe(20);
  });
});

describe('a story', () => {
  it('behind a proxy is a proxy that keeps its side up, and the ping goes the whole way', () => {
    const cell = played('browser > aws-alb > ws', 'ws', 'vanish-idle');
    expect(cell).toMatchObject({ fault: { kind: 'tunnel-dead' }, path: { rttMs: 51 } });
    expect(played('browser > ws', 'ws', 'vanish-idle')).toMatchObject({
      fault: { kind: 'vanish' },
    });
  });

  it.each([
    // Nothing passes the balancer any more: it closes both sides before anybody else knows.
    [
      'browser > aws-alb > none',
      'none',
      'vanish-idle',
      'which ends both sides 1m after the last byte',
    ],
    ['browser > aws-alb > ws', 'aws-alb', 'vanish-idle', 'ws judges the same client'],
    ['browser > aws-alb > ws', 'ws', 'live-outage-9s', 'needs the proxy as a process'],
    [
      'client > azure-lb > ws(interval=5m)',
      'ws',
      'live-idle',
      'azure-lb forgets the connection after 4m',
    ],
    [
      'pgx > pgbouncer > postgres',
      'postgres',
      'vanish-idle',
      'pgbouncer has connections of its own',
    ],
    ['client > proxy > ws', 'proxy', 'live-idle', 'nothing is said of what it does'],
    // Keepalive of the client's runtime, every 30 s, is what azure-lb sees.
    ['ioredis > azure-lb > redis', 'redis', 'live-idle', 'played'],
    ['ioredis(keepAlive=5m) > azure-lb > redis', 'redis', 'live-idle', 'azure-lb forgets'],
  ])('%s, %s, %s: %s', (line, party, name, reason) => {
    expect(because(line, party, name)).toContain(reason);
  });

  it('is played or refused at every end of every built-in stack, and never fails', () => {
    for (const stack of builtInStacks()) {
      for (const one of endsOf(stack)) {
        for (const scenario of Object.values(scenarios)) {
          const cell = one.cellOf(scenario);
          expect(isPlayed(cell) ? cell.name : cell.because.length > 20).toBeTruthy();
        }
      }
    }
  });
});

describe('public cases', () => {
  it.each([
    // uilibs/uiprotect#1144: a heartbeat of 180 s finds a silent NVR after 270 s.
    ['aiohttp-client(heartbeat=180s) > server', 'aiohttp-client', 270_000, 271_500],
    // websockets/ws, README: two intervals, through a balancer as well.
    ['browser > aws-alb > ws', 'ws', 59_000, 60_000],
    ['browser > nginx > socket.io', 'socket.io', 44_000, 45_200],
  ])('%s: %s notices within %d to %d ms', (line, party, least, most) => {
    const bound = boundMs(line, party, 'vanish-idle') ?? Infinity;
    expect(bound).toBeGreaterThanOrEqual(least);
    expect(bound).toBeLessThanOrEqual(most);
    const one = end(line, party);
    const run = simulate(one.policy, played(line, party, 'vanish-idle'), { seed: '3' });
    expect((run.decidedAtMs ?? Infinity) - (run.faultAtMs ?? 0)).toBeLessThanOrEqual(bound);
  });

  it('simulate plays one end of a stack', () => {
    const stack = stackOf('browser > aws-alb > ws');
    expect(simulate(stack, story('vanish-idle'), { seed: '3' }).reason).toContain('sweep');
    const refused = (): unknown =>
      simulate(stack, story('vanish-idle'), { seed: '3', party: 'aws-alb' });
    expect(refused).toThrow('ws judges the same client');
    expect(() => simulate(stack, story('live-idle'), { seed: '3', party: 'nginx' })).toThrow(
      'one of ws, aws-alb',
    );
  });

  // uilibs/uiprotect#1144: silent for two days.
  it('aiohttp without a heartbeat never notices', () => {
    expect(
      boundMs('aiohttp-client(heartbeat=off) > server', 'aiohttp-client', 'vanish-idle'),
    ).toBeNull();
  });
});
