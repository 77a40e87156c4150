/** Kernel settings of the two hosts and delays of the path, from a scenario; with the phases of the kernels' timers drawn. */
import { ETHERNET_MTU_BYTES } from '../../model/linux/constants.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { KernelConfig } from '../kernel/types.ts';
import type { PathDelays, PathJitterLoss } from '../network/path.ts';
import { hasJitterOrLoss, JitterLoss } from '../network/jitter-loss.ts';
import { Stream } from '../random.ts';
import type { Draws, StreamCode } from '../random.ts';

/** Jiffies at boot are 2^32 − 300 s (INITIAL_JIFFIES); any later value is as good, so phases start above. */
const JIFFIES_BASE = 2 ** 32;
/** Timers of up to two hours round on at most this many jiffies: level 6 of the wheel. */
export const WHEEL_PERIOD_JIFFIES = 8 ** 6;

/** One side's kernel, with the phase of its timers drawn over the wheel's whole period, to the µs. */
export function kernelConfig(scenario: Scenario, isServer: boolean, draws: Draws): KernelConfig {
  const { serverSysctls, clientSysctls, serverOrphans = 0 } = scenario.kernel;
  const stream = isServer ? Stream.ServerJiffies : Stream.ClientJiffies;
  return {
    ...machine(scenario, draws, stream, 0),
    sysctls: isServer ? serverSysctls : clientSysctls,
    otherOrphans: isServer ? serverOrphans : 0,
  };
}

/** The kernel under one socket of the proxy at `place`. */
export function proxyKernelConfig(
  scenario: Scenario,
  place: number,
  facesServer: boolean,
  draws: Draws,
): KernelConfig {
  const index = 2 * place + Number(facesServer);
  return {
    ...machine(scenario, draws, Stream.ProxyJiffies, index),
    sysctls: scenario.proxies?.[place]?.sysctls ?? {},
    otherOrphans: 0,
  };
}

function machine(scenario: Scenario, draws: Draws, stream: StreamCode, index: number) {
  const { hz, profile } = scenario.kernel;
  const tickUs = 1_000_000 / hz;
  const phaseUs = draws.below(stream, index, WHEEL_PERIOD_JIFFIES * tickUs);
  return {
    hz,
    profile,
    mtuBytes: scenario.path.mtuBytes ?? ETHERNET_MTU_BYTES,
    jiffiesAtZero: JIFFIES_BASE + phaseUs / tickUs,
    // A lossy path loses packets, not the super-segments of an interface with offload.
    offload: (scenario.path.lossPercent ?? 0) === 0 ? 'path' : 'none',
  } as const;
}

/** Half of the round trip each way, in whole µs. */
export function pathDelays(scenario: Scenario): PathDelays {
  return halves(scenario.path.rttMs);
}

/** The same of the link behind the proxy at `place`, towards the server. */
export function proxyDelays({ proxies = [] }: Scenario, place: number): PathDelays {
  return halves(proxies[place]?.rttMs ?? 0);
}

function halves(rttMs: number): PathDelays {
  const rttUs = Math.round(rttMs * 1000);
  return { toClientUs: Math.floor(rttUs / 2), toServerUs: Math.ceil(rttUs / 2) };
}

/** What single packets meet on the scenario's path; null = nothing. */
export function pathJitterLoss({ path }: Scenario, draws: Draws): PathJitterLoss | null {
  if (!hasJitterOrLoss(path)) return null;
  const { JitterToClient, JitterToServer, LossToClient, LossToServer } = Stream;
  return {
    toClient: new JitterLoss(draws, path, { jitter: JitterToClient, loss: LossToClient }),
    toServer: new JitterLoss(draws, path, { jitter: JitterToServer, loss: LossToServer }),
  };
}
