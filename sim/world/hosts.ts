/** Kernel settings of the two hosts and delays of the path, from a scenario; and the phases of the kernels' timers, drawn. */
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

/** One side's kernel. */
export function kernelConfig(scenario: Scenario, isServer: boolean): KernelConfig {
  const { serverSysctls, clientSysctls, serverOrphans = 0 } = scenario.kernel;
  return {
    ...machine(scenario),
    sysctls: isServer ? serverSysctls : clientSysctls,
    otherOrphans: isServer ? serverOrphans : 0,
  };
}

/** The kernel under either socket of the proxy at `place`. */
export function proxyKernelConfig(scenario: Scenario, place: number): KernelConfig {
  return { ...machine(scenario), sysctls: scenario.proxies?.[place]?.sysctls ?? {} };
}

/** As many links as there may be proxies, and one. */
const MOST_LINKS = 8;

/** The same on the link behind the proxy at `place`. */
export function farJitterLoss(
  { proxies = [] }: Scenario,
  place: number,
  draws: Draws,
): PathJitterLoss | null {
  const path = proxies[place];
  if (path === undefined || !hasJitterOrLoss(path)) return null;
  const { FarJitterToClient, FarJitterToServer, FarLossToClient, FarLossToServer } = Stream;
  const own = { every: MOST_LINKS, first: place };
  return {
    toClient: new JitterLoss(draws, path, {
      jitter: FarJitterToClient,
      loss: FarLossToClient,
      ...own,
    }),
    toServer: new JitterLoss(draws, path, {
      jitter: FarJitterToServer,
      loss: FarLossToServer,
      ...own,
    }),
  };
}

function machine({ kernel, path, proxies = [] }: Scenario) {
  return {
    hz: kernel.hz,
    profile: kernel.profile,
    mtuBytes: path.mtuBytes ?? ETHERNET_MTU_BYTES,
    // Drawn before each life.
    jiffiesAtZero: JIFFIES_BASE,
    // A lossy path loses packets, not the super-segments of an interface with offload.
    offload: [path, ...proxies].every(({ lossPercent = 0 }) => lossPercent === 0) ? 'path' : 'none',
  } as const;
}

/** The phase of one side's timers, drawn over the wheel's whole period, to the µs: absolute jiffies at virtual time 0. */
export function drawJiffies({ kernel }: Scenario, isServer: boolean, draws: Draws): number {
  const stream = isServer ? Stream.ServerJiffies : Stream.ClientJiffies;
  return jiffiesAt(kernel.hz, stream, 0, draws);
}

/** The same under one socket of the proxy at `place`. */
export function drawProxyJiffies(
  { kernel }: Scenario,
  place: number,
  facesServer: boolean,
  draws: Draws,
): number {
  return jiffiesAt(kernel.hz, Stream.ProxyJiffies, 2 * place + Number(facesServer), draws);
}

function jiffiesAt(hz: number, stream: StreamCode, index: number, draws: Draws): number {
  const tickUs = 1_000_000 / hz;
  return JIFFIES_BASE + draws.below(stream, index, WHEEL_PERIOD_JIFFIES * tickUs) / tickUs;
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
