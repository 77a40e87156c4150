/** What speaks against every number of a cell: paths, servers and settings for which the forms are estimates. */
import { doubtIf, first, hearsOwnPong, isReceived, type Doubt, type Facts } from './facts.ts';
import type { PingMechanism } from '../../policy/types.ts';
import type { Load } from '../../scenario/types.ts';
import type { Pinger } from '../../signs/sources.ts';

/** Settings that the forms take as they are; others they were never held against. */
const KNOWN_SYSCTLS: ReadonlySet<string> = new Set([
  'net.ipv4.tcp_retries2',
  'net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);

/** A buffer smaller than this may fill while nothing is wrong, bytes. */
const AMPLE_BYTES = 262_144;

function isKnown(name: string, value: number): boolean {
  const buffer = /^net\.ipv4\.tcp_[rw]mem\.[12]$/.test(name);
  return KNOWN_SYSCTLS.has(name) || (buffer && value >= AMPLE_BYTES);
}

/** The faults that the forms were derived for. */
const SPOKEN_OF: ReadonlySet<string> = new Set([
  'vanish',
  'unreachable',
  'handshake-abandoned',
  'freeze',
  'page-freeze',
  'host-sleep',
  'tunnel-dead',
  'nat-expiry',
  'network-change',
  'link-down',
  'reboot',
  'crash',
  'close',
  'half-close',
  'close-unanswered',
]);

/** The silences that the forms were derived for. */
const SILENCES: ReadonlySet<string> = new Set([
  'none',
  'outage',
  'application-pause',
  'trickle',
  'plateau',
  'server-starved',
  'server-stall',
  'process-pause',
  'page-freeze',
  'timers-throttled',
  'host-sleep',
  'slow-reader',
  'slow-uploader',
]);

/** The path, the server and the kernels. */
export function surroundings({ scenario, policy }: Facts): Doubt {
  const { path, server, kernel } = scenario;
  const sysctls = Object.entries({ ...kernel.clientSysctls, ...kernel.serverSysctls });
  return first(
    doubtIf(
      policy.peerHeartbeat?.putOffBy !== undefined,
      'what is received puts the heartbeat of the peer off',
    ),
    doubtIf(
      scenario.client?.neverSends !== undefined,
      'the client never gives a sign of life that is waited for',
    ),
    doubtIf(scenario.boxes !== undefined, 'a box on the way forgets the connection'),
    doubtIf(scenario.proxies !== undefined, 'a proxy stands between client and server'),
    doubtIf((path.lossPercent ?? 0) > 0, 'on a path that loses packets all may be lost in a row'),
    doubtIf((path.jitterMs ?? 0) > 0, "jitter leaves the kernel's timeouts open"),
    doubtIf(
      path.mtuBytes !== undefined,
      'segments of another size than the forms were derived for',
    ),
    doubtIf(
      path.risesToMs !== undefined,
      'after a rise of the round trip the kernel may count from a timeout of long ago',
    ),
    doubtIf(server.broken?.kind === 'loop-stalled', 'the event loop stalls'),
    doubtIf(
      sysctls.some(([name, value]) => !isKnown(name, value)),
      'a kernel setting that the forms were not derived for',
    ),
    doubtIf(
      kernel.serverSocketOptions !== undefined || kernel.clientSocketOptions !== undefined,
      'socket options that the forms were not derived for',
    ),
    doubtIf(
      scenario.kind === 'fault' && !SPOKEN_OF.has(scenario.fault.kind),
      'no closed form speaks of this fault',
    ),
    doubtIf(
      scenario.kind === 'live' && !SILENCES.has(scenario.silence.kind),
      'no closed form speaks of this silence',
    ),
    doubtIf(kernel.serverOrphans !== undefined, 'other orphans count against tcp_max_orphans'),
  );
}

/** Whether the timer that looks at a clock is coarser than the clock's own time. */
function isCoarse({ granularity, intervalMs, firstMs, replyTimeoutMs }: PingMechanism): boolean {
  const times = [intervalMs, firstMs ?? intervalMs, replyTimeoutMs ?? intervalMs];
  return granularity !== undefined && granularity.everyMs > Math.min(...times);
}

/** Whether a pinger's rhythm is a plain one: its pings go out by the clock, or by what surely comes. */
function pingerDoubt(pinger: Pinger, load: Load): Doubt {
  if (pinger.kind === 'sweep') {
    return doubtIf(!isReceived(pinger.life, load), 'life that is only a buffer taking bytes');
  }
  const counted = pinger.after === 'last-reply' || pinger.after === 'last-life';
  return first(
    doubtIf(isCoarse(pinger), 'a timer coarser than the clock that it looks at'),
    doubtIf(!isReceived(pinger.life, load), 'life that is only a buffer taking bytes'),
    doubtIf(
      counted && !hearsOwnPong(pinger, pinger.life),
      'a ping whose own answer is no life to it may be the last one',
    ),
  );
}

/** Whether every sweep judges at each of its ticks, and every pinger has a plain rhythm. */
export function pingersDoubt({ acting, pingers, load }: Facts): Doubt {
  return first(
    doubtIf(
      acting.some((one) => one.kind === 'sweep' && one.skipAfter !== undefined),
      'what makes a tick superfluous stretches its rhythm',
    ),
    ...pingers.map((pinger) => () => pingerDoubt(pinger, load)),
  );
}

/** A thread that waits in its ping for a lock of the send path judges nobody. */
export function lockDoubt({ scenario, pingers, load }: Facts): Doubt {
  const locked = scenario.server.sendPath === 'locked' && load.kind !== 'idle';
  return doubtIf(locked && pingers.length > 0, 'a ping may wait for the lock of a blocked send');
}
