/**
 * Which life each built-in system leaves alone. The lengths follow from its own times: a probe or ping that is lost in an outage
 * is sent again by TCP 0.25, 0.75, 1.75, 3.75, 7.75, 15.75 and 31.75 s later (RTO 0.25 s at 50 ms, doubled each time), and from how
 * long it waits for the answer; keepalive probes are not sent again.
 */
import { describe, expect, it } from 'vitest';
import { catalogue, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';

/** Lives that must all end the same way; some end in one of twenty, so the others get more chances. */
const LIVES = 40;
const CHANCES = 400;

function outage(lengthS: number): Scenario {
  return defineScenario({
    kind: 'live',
    name: `outage-${lengthS}s`,
    title: `Both directions cut for ${lengthS} s, then healed`,
    silence: { kind: 'outage', lengthMs: lengthS * 1_000 },
  });
}

function builtIn(name: string): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

function one(selector: string): Policy {
  const found = selectPolicies(selector);
  const policy = found.ok ? found.value[0] : undefined;
  if (policy === undefined) throw new Error(`no policy ${selector}`);
  return policy;
}

/** Whether lives end although the peer lives: 40 that are all alike, or as many as it takes to see both. */
function ended(policy: Policy, scenario: Scenario, lives: number): 'none' | 'some' | 'all' {
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  let count = 0;
  for (let run = 0; run < lives; run += 1) {
    player.play(seedWords(4n), run);
    if (player.record.endedAlive) count += 1;
    if (count > 0 && count <= run) return 'some';
  }
  return count === 0 ? 'none' : 'all';
}

const quiet = builtIn('live-idle');
const uploading = builtIn('live-slow-uploader');

describe('of its living peers', () => {
  const cases: readonly [string, Scenario, 'none' | 'some' | 'all'][] = [
    // TCP_USER_TIMEOUT 20 s: the check after the first lost probe, 15 s after it, is past 20 s. 1 of 15 s, 9 of 15 s.
    ['grpc', outage(1), 'some'],
    ['grpc', outage(9), 'some'],
    // Without Go's probes nothing is asked for two hours.
    ['grpc(ListenerKeepAlive=off)', outage(29), 'none'],
    // 50 s: the checks at 30 s and 45 s are not past it, so two probes may be lost, which an outage of 30 s can do.
    ['grpc(Timeout=50s)', outage(29), 'none'],
    // 9 probes, 15 s apart: all of them are lost only in 8 × 15 s and more.
    ['go', outage(110), 'none'],
    ['go', outage(140), 'all'],
    ['go-http2', outage(29), 'none'],
    ['coder-websocket', outage(29), 'none'],
    // 15 s for the answer: the ping is sent again after 7.75 s, in time.
    ['go-http2(ReadIdleTimeout=30s)', outage(7), 'none'],
    // libuv: 10 probes a second apart.
    ['pg(keepAlive=true,keepAliveInitialDelayMillis=5s,idleTimeoutMillis=off)', outage(9), 'none'],
    ['pg(keepAlive=true,keepAliveInitialDelayMillis=5s,idleTimeoutMillis=off)', outage(17), 'all'],
    ['ioredis', outage(9), 'none'],
    ['mysql2(keepAliveInitialDelay=10s)', outage(9), 'none'],
    // 3 probes, 5 s apart: all are lost in 2 × 5 s and more, where they fall into it.
    ['redis-py', outage(9), 'none'],
    ['redis-py', outage(14), 'some'],
    ['go-redis(ConnMaxIdleTime=off)', outage(9), 'none'],
    // Its pool closes what has been idle for 30 minutes: in order, which harms nobody.
    ['go-redis', quiet, 'none'],
    ['redis', outage(190), 'none'],
    ['libpq', outage(29), 'none'],
    // 20 s for the pong: of an outage of 9 s the ping is sent again after 15.75 s at worst, of 19 s after 31.75 s.
    ['websockets', outage(9), 'none'],
    ['websockets', outage(19), 'some'],
    ['uvicorn', outage(9), 'none'],
    ['socket.io', outage(9), 'none'],
    ['socket.io', outage(19), 'some'],
    // The timeout is no longer than the interval, whatever is set: 30 s.
    ['tornado(websocket_ping_interval=30s,websocket_ping_timeout=90s)', outage(9), 'none'],
    ['tornado(websocket_ping_interval=30s,websocket_ping_timeout=90s)', outage(61), 'all'],
    ['jupyter', outage(64), 'none'],
    ['java-websocket', outage(29), 'none'],
    // Two pings 5 s apart: the first is lost, and sent again only after the second is due.
    ['okhttp(pingInterval=5s)', outage(2), 'none'],
    ['okhttp(pingInterval=5s)', outage(12), 'all'],
    ['okhttp', outage(29), 'none'],
    ['slack', outage(2), 'none'],
    ['slack', outage(12), 'all'],
    // Four intervals of silence, not three.
    ['sshd(ClientAliveInterval=15s)', outage(29), 'none'],
    ['ssh(ServerAliveInterval=15s)', outage(29), 'none'],
    ['nats', outage(29), 'none'],
    ['nats.go', outage(29), 'none'],
    ['aiohttp-client(heartbeat=180)', outage(29), 'none'],
    // Pongs 54 s apart, 60 s at most: 6 s to spare, and a ping early in the outage is sent again after 7.75 s.
    ['gorilla', outage(9), 'some'],
    // A quiet client without a heartbeat of its own is as good as gone for whoever only waits.
    ['haproxy(client=30s,server=60s)', quiet, 'all'],
    ['haproxy(client=30s,server=60s,tunnel=2h)', quiet, 'none'],
    ['haproxy(client=30s,tunnel=0)', quiet, 'all'],
    ['haproxy', quiet, 'none'],
    ['nginx', quiet, 'all'],
    ['cowboy', quiet, 'all'],
    ['phoenix', quiet, 'none'],
    ['redis(timeout=60s)', quiet, 'all'],
    // Waiting for a call to end the idleness; without an option for it, none of the three is sent.
    ['grpc-client(Time=10s,activeStreams=0)', quiet, 'all'],
    ['grpc-client', quiet, 'none'],
    // 45 s of one message: Spring counts complete frames, mosquitto, aiohttp and uWebSockets count bytes.
    ['spring', uploading, 'all'],
    ['aiohttp', uploading, 'none'],
    ['uws', uploading, 'none'],
  ];
  it.each(cases.map((row) => [row[0], row[1].name, row[2], row[1]] as const))(
    '%s, %s: %s',
    (selector, _, share, scenario) => {
      expect(ended(one(selector), scenario, share === 'some' ? CHANCES : LIVES)).toBe(share);
    },
  );
});

describe('a fixed pool keeps what it has', () => {
  it('HikariCP and mysql2 close idle connections only where they may have fewer', () => {
    const idleOf = (selector: string): number | undefined =>
      one(selector).mechanisms.find((one_) => one_.kind === 'idle')?.timeoutMs;
    expect(idleOf('hikaricp')).toBeUndefined();
    expect(idleOf('hikaricp(idleTimeout=300s)')).toBeUndefined();
    expect(idleOf('hikaricp(minimumIdle=2)')).toBe(600_000);
    expect(idleOf('mysql2(idleTimeout=30s)')).toBeUndefined();
    expect(idleOf('mysql2(maxIdle=2,idleTimeout=30s)')).toBe(30_000);
  });

  it('every alias is the name of one system', () => {
    const words = catalogue.flatMap(({ policy, aliases }) => [policy.name, ...aliases]);
    expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  });
});
