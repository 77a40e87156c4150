/**
 * Scenarios that the swarm drew, in which a life once contradicted what was stated. Their titles say what had been
 * overlooked; each is played with the policies that showed it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { parseScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { contradiction } from '../support/contradiction.ts';

const RUNS = 6;

const found: readonly (readonly [name: string, seed: bigint, policies: readonly string[]])[] = [
  [
    'chatty-writer-far-away',
    2n,
    ['user-timeout-20s', 'keepalive-10-5-3-user-timeout-20s', 'grpc-go-server'],
  ],
  ['throttled-for-half-a-minute', 2n, ['cowboy-ws']],
  ['slow-reader-of-nothing', 3n, ['grpc-5s-1s']],
  ['unreachable-talkers', 4n, ['user-timeout-20s', 'grpc-go-server']],
  ['looks-miss-the-change', 6n, ['queue-stall-watchdog']],
  ['probe-fills-the-window', 10n, ['user-timeout-20s', 'grpc-go-server']],
  [
    'window-fills-under-loss',
    10n,
    ['signalr-send-timeout', 'gorilla-chat', 'centrifuge', 'nats-write-deadline'],
  ],
  ['orphan-of-talkers', 9n, ['node-http', 'nginx-websocket']],
  ['plateau-behind-a-buffer', 8n, ['sweep-and-pong-timer', 'sockjs-node']],
  ['plateau-of-a-fast-reader', 8n, ['chat-server', 'sweep-and-pong-timer']],
  ['plateau-of-a-trickle', 11n, ['send-stall-watchdog']],
  ['plateau-with-jitter', 12n, ['chat-server', 'engine.io-v4-server']],
  ['asleep-until-the-queue-is-full', 12n, ['queue-stall-watchdog']],
  ['asleep-before-its-load', 1n, ['node-http', 'apache-httpd', 'node-postgres-pool']],
  ['keepalive-between-writes', 13n, ['keepalive-10-5-3']],
  ['user-timeout-between-writes', 13n, ['keepalive-10-5-3-user-timeout-10s']],
  ['icmp-renews-the-wait', 13n, ['user-timeout-20s', 'grpc-go-server']],
  ['upload-still-under-way', 14n, ['alive-flag-sweep', 'cowboy-ws', 'spring-simple-broker']],
  ['keepalive-beside-a-stalled-loop', 16n, ['keepalive-10-5-3']],
  [
    'page-frozen-with-jitter',
    17n,
    ['send-stall-watchdog', 'queue-stall-watchdog', 'alive-flag-sweep'],
  ],
  ['looks-between-pongs', 20n, ['queue-stall-watchdog']],
  ['orphan-that-never-gives-up', 22n, ['alive-flag-sweep', 'send-stall-watchdog']],
  ['orphan-of-few-retries', 23n, ['none', 'alive-flag-sweep']],
  ['orphan-of-a-pinging-client', 23n, ['sweep-and-pong-timer', 'alive-flag-sweep']],
  ['probe-counts-as-progress', 15n, ['send-stall-watchdog', 'queue-stall-watchdog']],
  ['reset-that-is-lost', 17n, ['websockets-py-asyncio', 'websockets-py-sync']],
  ['probe-after-a-talker', 23n, ['keepalive-linux-default', 'postgres-server']],
  ['one-write-more', 25n, ['queue-stall-watchdog', 'node-http', 'node-postgres-pool']],
  [
    'late-acknowledgements-of-nobody',
    26n,
    ['alive-flag-sweep', 'send-stall-watchdog', 'gorilla-chat'],
  ],
  ['repeats-that-arrive', 34n, ['keepalive-10-5-3', 'keepalive-10-5-3-user-timeout-20s', 'redis']],
  ['one-large-message', 37n, ['ack-stall-watchdog']],
  ['acknowledged-after-the-first-stuck-write', 38n, ['node-http', 'nats-write-deadline', 'envoy']],
  [
    'buffer-grows-before-a-frozen-page',
    36n,
    ['send-stall-watchdog', 'user-timeout-20s', 'node-http'],
  ],
  ['answers-under-loss', 36n, ['ack-stall-watchdog']],
  ['answers-behind-a-full-window', 26n, ['ack-stall-watchdog']],
];

function drawn(name: string): Scenario {
  const url = new URL(`counterexamples/${name}.json`, import.meta.url);
  const parsed = parseScenario(JSON.parse(readFileSync(url, 'utf8')), '$');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

describe('what once contradicted a bound', () => {
  it.each(found)('%s', (name, seed, policies) => {
    const scenario = drawn(name);
    const broken = policies.flatMap((policyName) => {
      const policy = presets[policyName] as Policy;
      const stated = bounds(policy, scenario);
      const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
      return Array.from({ length: RUNS }, (_, run) => {
        player.play(seedWords(seed), run);
        return contradiction(scenario, stated, player.record, watchMs(policy, scenario));
      }).flatMap((one, run) => (one === undefined ? [] : [`${policyName}, run ${run}: ${one}`]));
    });
    expect(broken).toEqual([]);
  });
});
