/**
 * How long a run is watched: as its scenario says, and longer than the patience of everybody who could still end
 * the connection. What is claimed of a policy has no say in it.
 */
import { assert } from '../model/assert.ts';
import { faultKindOf } from '../model/faults/index.ts';
import { kernelPatienceMs } from '../model/linux/patience.ts';
import { resolveSysctls, type Sysctls } from '../model/linux/sysctls.ts';
import { wholePatienceMs } from '../model/policy/patience.ts';
import type { Policy } from '../model/policy/types.ts';
import { rhythmOf } from '../model/rhythm/index.ts';
import { longestRttMs, wholePathOf } from '../model/scenario/path.ts';
import { sysctlsOf } from '../model/scenario/sysctls.ts';
import { settleMs } from '../model/scenario/settle.ts';
import type { FaultScenario, Scenario } from '../model/scenario/types.ts';

/** Nobody waits for longer: what has not ended by then is said to have lasted so long, and no more. */
const LONGEST_WATCH_MS = 24 * 3_600_000;

/** How long a run is watched, and what may be said of one that has not come to its end by then. */
export interface Watch {
  /** After the fault; of a living peer, what its scenario says. */
  readonly lengthMs: number;
  /** Whether everybody's patience is over by then: what has not happened never will. */
  readonly outlastsAll: boolean;
}

/**
 * How long a policy is watched on a scenario.
 *
 * @example
 * watchOf(presets['none'], scenarios['vanish-idle']).outlastsAll // => true
 * watchOf(presets['none'], scenarios['live-idle']).lengthMs // => 3_600_000
 */
export function watchOf(policy: Policy, scenario: Scenario): Watch {
  if (scenario.kind === 'live') return { lengthMs: scenario.watchMs, outlastsAll: true };
  const neededMs = patienceMs(policy, scenario);
  return {
    lengthMs: Math.max(scenario.watchMs, Math.min(neededMs, LONGEST_WATCH_MS)),
    outlastsAll: neededMs <= Math.max(scenario.watchMs, LONGEST_WATCH_MS),
  };
}

/** The length alone, ms. */
export function watchMs(policy: Policy, scenario: Scenario): number {
  return watchOf(policy, scenario).lengthMs;
}

/** Everybody's patience, one after the other: story, load, buffers, policy, kernels. */
function patienceMs(policy: Policy, scenario: FaultScenario): number {
  const path = wholePathOf(scenario);
  const server = sysctlsOf(scenario, 'server');
  return Math.ceil(
    storyMs(scenario) +
      settleMs(path) +
      2 * rhythmOf(policy, scenario).longestMs +
      fillMs(scenario, server) +
      wholePatienceMs(policy) +
      kernelPatienceMs(server, longestRttMs(path)) +
      proxiesMs(scenario),
  );
}

/** How long proxies wait: for their limits, and for what their kernels have sent. */
function proxiesMs({ proxies = [], kernel, path }: FaultScenario): number {
  const waits = proxies.map(({ idleMs, clientIdleMs, serverIdleMs, ageMs, sysctls }, place) => {
    const rttMs = proxies[place - 1]?.rttMs ?? longestRttMs(path);
    const values = resolveSysctls(sysctls, kernel.profile);
    assert(values.ok, 'a parsed scenario names only sysctls that exist');
    const limitsMs = Math.max(idleMs ?? 0, clientIdleMs ?? 0, serverIdleMs ?? 0);
    return limitsMs + (ageMs ?? 0) + kernelPatienceMs(values.value, rttMs);
  });
  return waits.reduce((sum, ms) => sum + ms, 0);
}

/** How long the story itself goes on after its fault. */
function storyMs({ fault, story, server }: FaultScenario): number {
  const stallMs = server.broken?.kind === 'loop-stalled' ? server.broken.lengthMs : 0;
  const toldMs =
    story.kind === 'pool' ? story.idleMs : story.kind === 'drain' ? story.sigtermAfterMs : 0;
  return stallMs + toldMs + faultKindOf(fault).lastsMs(fault);
}

/**
 * How long a load takes to fill every buffer on the way to a peer that reads nothing: only then does a write wait, and a
 * probe find a window that stays shut. A reader of a few bytes leaves its receive buffer as it was made.
 */
function fillMs(scenario: FaultScenario, sysctls: Sysctls): number {
  const { load, fault, server, path } = scenario;
  if (load.kind !== 'periodic') return 0;
  const { 'tcp_rmem.1': madeBytes, 'tcp_rmem.2': mostBytes } = sysctlsOf(scenario, 'client');
  const perRttBytes = load.bytes * Math.ceil(longestRttMs(path) / load.everyMs);
  const receiveBytes = Math.min(mostBytes, Math.max(madeBytes, 4 * perRttBytes));
  const swallowedBytes = faultKindOf(fault).swallowsBytes?.(fault) ?? 0;
  const roomBytes = receiveBytes + swallowedBytes + sysctls['tcp_wmem.2'] + server.userQueueBytes;
  return Math.ceil(roomBytes / load.bytes) * load.everyMs;
}
