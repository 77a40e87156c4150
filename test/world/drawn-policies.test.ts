/**
 * Policies that somebody wrote or a generator drew, on the scenarios in which a life once contradicted what was stated of
 * them. Expected of each: what is stated holds in every life, or nothing is stated; where a number can be worked
 * out by hand it stands beside the name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { parsePolicy, presets, type Policy } from '../../model/policy/index.ts';
import { parseScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { swarmScenario } from '../../scenarios/swarm/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { contradiction } from '../support/contradiction.ts';

const RUNS = 12;
const folder = new URL('counterexamples/policies/', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

function policyNamed(name: string): Policy {
  const parsed = parsePolicy(read(`${name}.policy.json`), name);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function scenarioNamed(name: string): Scenario {
  const builtIn = scenarios[name];
  if (builtIn !== undefined) return builtIn;
  const parsed = parseScenario(read(`${name}.scenario.json`), name);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

/** What contradicts what is stated, over a few lives of a seed. */
function contradictions(policy: Policy, scenario: Scenario, seed: bigint): string[] {
  const stated = bounds(policy, scenario);
  const watchedMs = watchMs(policy, scenario);
  const player = new RunPlayer(policy, scenario, watchedMs, false);
  return Array.from({ length: RUNS }, (_, run) => {
    player.play(seedWords(seed), run);
    return contradiction(scenario, stated, player.record, watchedMs);
  }).flatMap((one, run) => (one === undefined ? [] : [`run ${run}: ${one}`]));
}

/** Seeds under which the pairs of one name were found. */
const pairs: Readonly<Record<string, bigint>> = {
  'false-reap-1210': 1046n,
  'false-reap-20342': 1069n,
  'false-reap-21692': 1061n,
  'false-reap-21774': 1046n,
  'false-reap-2204': 1070n,
  'false-reap-23228': 1045n,
  'false-reap-23340': 1060n,
  'false-reap-23988': 1029n,
  'false-reap-24116': 1060n,
  'false-reap-25410': 1093n,
  'false-reap-25504': 1090n,
  'false-reap-5750': 1027n,
  'late-20046': 1064n,
  'late-21552': 1018n,
  'late-22262': 1049n,
  'late-23174': 1088n,
  'late-24296': 1046n,
  'late-24560': 1019n,
  'late-24710': 1072n,
  'late-24836': 1004n,
  'late-2824': 1011n,
  'late-2850': 1037n,
  'late-3054': 1047n,
  'late-3100': 1093n,
  'late-5290': 1052n,
  hang: 1n,
  // Its last message is more than goes out at once, and the FIN comes behind it.
  'heartbeat-larger-than-a-window': 61n,
  // The thread that sweeps hangs in its ping, behind a send that a full buffer blocks.
  'ping-waits-for-the-lock': 3n,
  // An orphan's limit is past when it is closed; the wait that is under way grew under the limit of its owner.
  'orphan-of-a-long-flight': 1n,
  'orphan-of-a-sleeping-host': 1n,
  // Six writes to a round trip: acknowledgements are under way when the peer is gone, and go on coming.
  'acknowledgements-still-under-way': 102n,
  // A Close frame is data: a watchdog on the TCP state sees nothing of it until the stalled loop answers.
  'close-before-a-stalled-loop': 101n,
};

/** On scenarios of the catalogue, or of a file. */
const onCatalogue: readonly (readonly [policy: string, scenario: string])[] = [
  ['app-ping', 'connection-missed-idle'],
  ['app-ping-lost', 'vanish-idle'],
  ['limit-sweep', 'one-seat-many-waiting'],
  ['queue-sweep', 'wedged-send-path'],
  ['send-stall-2s', 'live-far-away'],
  ['sweep-by-message', 'vanish-telemetry'],
  ['sweep-skip-any', 'vanish-idle'],
  ['sweep-skip-any', 'vanish-busy'],
  ['sweep-skip-pong', 'vanish-idle'],
  ['sweep-skip-pong', 'reboot'],
  ['skip', 'vanish-idle'],
  ['c01-grpc-go-server-with-go-keepalive', 'vanish-idle'],
  ['c01b-ka-plus-slow-ping', 'vanish-idle'],
  ['c15-minimal-sweep', 'vanish-idle'],
  ['c15-minimal-pong-timer', 'vanish-idle'],
  ['c15-rueidis', 'vanish-idle'],
  ['m10-deadline-on-own-tick', 'm10-outage-30s'],
  ['m10-sweep', 'm10-outage-30s'],
];

/** Found on `swarm-N mod 1000` under seed N. */
const onSwarm = readdirSync(folder).flatMap((file) => {
  const number = /^p(\d{2,})\.policy\.json$/.exec(file)?.[1];
  return number === undefined ? [] : [Number(number)];
});

describe('what is stated of a policy that was once broken', () => {
  it.each(Object.entries(pairs))('%s', (name, seed) => {
    expect(contradictions(policyNamed(name), scenarioNamed(name), seed)).toEqual([]);
  });

  it.each(onCatalogue)('%s on %s', (policy, scenario) => {
    expect(contradictions(policyNamed(policy), scenarioNamed(scenario), 1n)).toEqual([]);
  });

  it.each(onSwarm)('p%i on a drawn scenario', (number) => {
    const scenario = swarmScenario(BigInt(number), `swarm-${number % 1_000}`);
    if (scenario === null) throw new Error('a drawn scenario');
    expect(contradictions(policyNamed(`p${number}`), scenario, BigInt(number))).toEqual([]);
  });

  it.each(['send-stall-watchdog', 'nats-write-deadline', 'node-http'])(
    '%s behind a window that closes under 2 KiB every 250 ms',
    (name) => {
      const policy = presets[name] as Policy;
      const scenario = scenarioNamed('m5-frozen-2k-250ms');
      expect(contradictions(policy, scenario, 1n)).toEqual([]);
    },
  );
});

describe('what is no sum of two settings', () => {
  // A sweep whose own pong makes its next tick superfluous: two intervals to the tick that counts, one more to the verdict.
  it.each(['sweep-skip-pong', 'skip'])('%s takes up to 90 s, or is not proved', (name) => {
    const { decided } = bounds(policyNamed(name), scenarios['vanish-idle'] as Scenario);
    // Whoever states one states two intervals and the sweep after them.
    const leastMs = decided.proved ? (decided.maxMs ?? Infinity) : Infinity;
    expect(leastMs).toBeGreaterThanOrEqual(90_000 - 25);
  });

  // A ping that is never answered is sent once.
  it('app-ping-lost has no bound', () => {
    const { decided } = bounds(policyNamed('app-ping-lost'), scenarios['vanish-idle'] as Scenario);
    expect(decided.maxMs).toBeNull();
  });
});
