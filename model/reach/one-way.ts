/**
 * A client that is heard and hears nothing: the server's packets vanish, its own arrive. What it says is acknowledged by nobody that it hears, so its
 * kernel falls silent: after the first retransmission timeout one segment is in flight, and all that is new waits behind it (RFC 6298 §5.4, RFC 5681 §3.1).
 *
 * That segment goes on arriving, at doubling distances. The process sees nothing new in it, but the kernel hears its peer: keepalive may find it alive
 * for as long as the client's kernel goes on. So keepalive is taken never to end such a connection.
 */
import { DELAYED_ACK_MAX_MS, PROBE_SLACK_US } from '../linux/constants.ts';
import { msToJiffies, usToJiffies } from '../linux/jiffies.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { Operation } from '../reaper/program.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { rtoOf, type Setting } from './setting.ts';

const US_PER_MS = 1_000;

/** A client that goes on speaking for longer than this is none that falls silent, µs. */
const LONGEST_US = 3_600_000_000;

/** What it comes to. */
export interface OneWay {
  /** From the arrival of the first heartbeat that nobody acknowledges until the last new one, at most, µs. */
  readonly mutesWithinUs: number;
}

/** Whether the client may have something in flight when it hears nothing any more: of its own, or answers. */
export function clientSpeaks({
  beats,
  parts,
  answersMessages,
  writes,
  full,
  query,
}: Setting): boolean {
  const pings = parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
  const answers = answersMessages && (writes !== null || full !== null);
  return beats.length > 0 || pings || answers || query !== null;
}

/**
 * Its tail loss probe, put off by each heartbeat that follows the first, and its timeout.
 *
 * @throws NotModelled where heartbeats may put it off for ever
 */
export function oneWay({ beats, ackRttUs, kernel }: Setting, scenario: Scenario): OneWay {
  const { hz, tickUs } = kernel;
  const values = sysctlsOf(scenario, 'client');
  const rtoMaxJ = msToJiffies(values.tcp_rto_max_ms, hz);
  const delayUs = DELAYED_ACK_MAX_MS * US_PER_MS + 2 * tickUs;
  const rtoJ = rtoOf(ackRttUs, delayUs, values.tcp_rto_min_us, rtoMaxJ, hz).hi;
  const timeoutUs = wheelWindow(rtoJ, rtoJ, 0, tickUs).hiUs;
  const probeJ = usToJiffies(2 * (ackRttUs + delayUs) + PROBE_SLACK_US, hz);
  const putsOffUs = wheelWindow(1, probeJ, 0, tickUs).hiUs + 2 * tickUs;
  let withinUs = 0;
  for (let grownUs = 2 * timeoutUs; grownUs > withinUs;) {
    withinUs = grownUs;
    if (withinUs > LONGEST_US)
      throw new NotModelled('a client that speaks without a pause, and hears nothing');
    const more = beats.reduce((sum, { everyUs }) => sum + Math.floor(withinUs / everyUs) + 1, 0);
    grownUs = 2 * timeoutUs + more * putsOffUs;
  }
  return { mutesWithinUs: withinUs };
}
