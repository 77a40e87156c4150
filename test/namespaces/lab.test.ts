/**
 * Four witnesses in one row, for mechanisms that a Node server can run and faults that a wire and processes can make: a real server under a policy of seconds
 * on the real kernel, the same simulated over a grid of phases, and B by reachability. And the living: those for whom T is stated are left alone.
 *
 * Needs Linux, root, `ip` and TUN; skipped with the reason where they are not, failed where GHOSTBOUND_REQUIRE_KERNEL=1 says that they must be.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  kernelTick,
  missingForStories,
  playStory,
  recordingOf,
  unplayable,
  type LabLives,
} from '../../lab/stories/index.ts';
import { parseKernelTrace } from '../../lab/conform/index.ts';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { defineScenario, type Scenario } from '../../model/scenario/index.ts';
import { playPhases } from '../../proof/phases.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { COMPILED_ADAPTER } from '../support/child.ts';
import { share } from '../support/share.ts';

const required = process.env['GHOSTBOUND_REQUIRE_KERNEL'] === '1';
const missing = missingForStories();
const CLIENTS = 3;
/** What a busy test machine may add between a decision and the line that tells of it. */
const SLACK_MS = 900;
const PHASES = 16;

const ping: MechanismInput = {
  kind: 'ping',
  intervalMs: 1_500,
  replyTimeoutMs: 1_000,
  life: ['any-byte'],
};
const mechanisms: Readonly<Record<string, MechanismInput[]>> = {
  ping: [ping],
  'ping that only its own pong answers': [{ ...ping, life: ['matching-pong'] }],
  sweep: [{ kind: 'sweep', intervalMs: 1_500 }],
  'sweep with a pong timer': [
    { kind: 'sweep', intervalMs: 2_000 },
    { kind: 'pong-timer', timeoutMs: 1_000 },
  ],
  'receive deadline behind pings': [
    { kind: 'ping', intervalMs: 1_000, replyTimeoutMs: null },
    { kind: 'receive-deadline', timeoutMs: 2_500 },
  ],
  keepalive: [{ kind: 'keepalive', idleMs: 1_000, intervalMs: 1_000, probes: 2 }],
  'user timeout': [{ kind: 'user-timeout', timeoutMs: 1_500 }],
  'send stall': [{ kind: 'send-stall', graceMs: 1_500, everyMs: 250 }],
};

/** Which mechanisms are tried on which faults: others never find it, or say nothing there. Each of both is here once: a commit tries all of these. */
const cells = [
  ['vanish-idle', 'ping that only its own pong answers'],
  ['vanish-idle', 'sweep with a pong timer'],
  ['vanish-idle', 'keepalive'],
  ['frozen-idle', 'receive deadline behind pings'],
  ['vanish-busy', 'sweep'],
  ['vanish-busy', 'user timeout'],
] as const;

/** The others, of which it tries a share. */
const more = [
  ['vanish-idle', 'sweep'],
  ['vanish-idle', 'receive deadline behind pings'],
  ['frozen-idle', 'ping'],
  ['frozen-idle', 'sweep'],
  ['vanish-busy', 'ping'],
  ['vanish-busy', 'send stall'],
] as const;
const tried = [...cells, ...share(more, 3)];

/** With this machine's tick. */
function here(name: string): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const hz = kernelTick()?.hz ?? scenario.kernel.hz;
  return { ...scenario, kernel: { ...scenario.kernel, hz } };
}

if (missing !== undefined) console.warn(`stories on the real kernel: ${missing}`);
it('has what the tests below need, where they must run', () => {
  expect(required ? missing : undefined).toBeUndefined();
});

describe.skipIf(missing !== undefined)('four witnesses', () => {
  async function expectWitnesses(scenarioName: string, name: string): Promise<LabLives['told']> {
    const policy = definePolicy({ name: 'under-test', mechanisms: mechanisms[name] ?? [] });
    const scenario = here(scenarioName);
    const { decided } = bounds(policy, scenario);
    const { ghostMs } = playPhases(policy, scenario, PHASES, 1n);
    const boundMs = decided.maxMs ?? Infinity;
    // The sender of a real server fills its queue in bursts: its last progress may lie before the fault.
    const earlyMs = scenario.load.kind === 'saturated' ? 400 : 20;
    const {
      lives,
      bystander,
      mechanisms: ran,
      told,
    } = await playStory(policy, scenario, {
      clients: CLIENTS,
      watchMs: Math.min(boundMs, 20_000) + SLACK_MS,
      seed: 1,
      adapter: COMPILED_ADAPTER,
    });
    expect(ran.map(({ state }) => state)).toEqual(ran.map(() => 'on'));
    expect(ghostMs.maxMs).toBeLessThanOrEqual(boundMs);
    for (const { decidedMs, withinMs } of lives) {
      expect(decidedMs).toBeGreaterThanOrEqual((ghostMs.minMs ?? 0) - earlyMs);
      expect(decidedMs).toBeLessThan(boundMs + withinMs + SLACK_MS);
    }
    expect(lives).toHaveLength(CLIENTS);
    expect(bystander).toBeNull();
    return told;
  }

  // Each has namespaces, processes and a wire of its own, and waits for most of its time.
  it.concurrent.each(tried)('%s: %s', { timeout: 60_000 }, async (scenarioName, name) => {
    await expectWitnesses(scenarioName, name);
  });

  // Its sender takes all of a core.
  it('vanish-saturated: send stall', { timeout: 60_000 }, async () => {
    await expectWitnesses('vanish-saturated', 'send stall');
  });

  it.concurrent(
    'a silence within T ends nobody, and one beyond all patience everybody',
    { timeout: 60_000 },
    async () => {
      const policy = definePolicy({
        name: 'under-test',
        mechanisms: [{ ...ping, replyTimeoutMs: 2_000 }],
      });
      const outcome = async (
        lengthMs: number,
      ): Promise<{ ends: (string | null)[]; isTolerated: boolean }> => {
        const scenario = defineScenario({
          kind: 'live',
          name: 'pause',
          silence: { kind: 'process-pause', lengthMs },
        });
        const options = { clients: CLIENTS, watchMs: 3_000, seed: 1, adapter: COMPILED_ADAPTER };
        const { lives } = await playStory(policy, scenario, options);
        const { maxMs } = bounds(policy, scenario).tolerance;
        return { ends: lives.map(({ by }) => by), isTolerated: lengthMs <= (maxMs ?? Infinity) };
      };
      expect(await Promise.all([outcome(900), outcome(6_000)])).toEqual([
        { ends: [null, null, null], isTolerated: true },
        { ends: ['ping', 'ping', 'ping'], isTolerated: false },
      ]);
    },
  );

  it.concurrent(
    'vanish-idle: ping; what was on the wire is a trace that conform reads',
    { timeout: 60_000 },
    async () => {
      const told = await expectWitnesses('vanish-idle', 'ping');
      const trace = parseKernelTrace(recordingOf(here('vanish-idle'), told), 'lab.json');
      if (!trace.ok) throw new Error(JSON.stringify(trace.issues));
      expect(trace.value.unknown).toEqual([]);
      const { packets, log } = trace.value;
      expect(packets.slice(0, 3).map(({ flags }) => flags)).toEqual(['S', 'S.', '.']);
      // What vanishes on the wire was sent all the same: the last ping, and its retransmissions.
      expect(packets.some(({ dropped, from }) => dropped && from === 'server')).toBe(true);
      expect(log.some(({ who, what }) => who === 'wire' && what === 'drop')).toBe(true);
      // The answer to the upgrade, and the ping: a frame of two bytes.
      const writes = log.filter(({ who, what }) => who === 'server' && what === 'write');
      expect(writes.slice(0, 2).map(({ args }) => args)).toEqual([[129], [2]]);
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s leaves nothing behind',
    { timeout: 30_000 },
    async (signal) => {
      const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
      const child = spawn(process.execPath, [main, 'lab', 'vanish-idle', '--policy', 'none'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const mine = (): string[] => {
        const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
        return listed.split('\n').filter((line) => line.startsWith(`gb-${child.pid}-`));
      };
      await expect.poll(mine, { timeout: 20_000 }).toHaveLength(2);
      await once(child.stderr, 'data');
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number];
      expect(code).toBe(130);
      expect(mine()).toEqual([]);
    },
  );
});

describe('a story that real processes cannot play', () => {
  it.each([
    ['host-asleep-8h', 'nothing here can do this: host sleeps'],
    ['restart-storm-in-step', 'it is a story of more than one connection at a time'],
    ['nat-forgets', 'a box on the way chooses its instant'],
  ])('%s is refused with its reason', (name, why) => {
    expect(unplayable(here(name))).toBe(why);
  });
});
