/**
 * When the window of a peer that no longer reads closes, and from when on bytes are stuck behind it.
 *
 * A frozen process leaves its kernel's receive buffer to fill; a proxy with nobody behind it first
 * fills its own. How many bytes a receive buffer takes depends on how its memory is packed, so a slow
 * writer's window closes somewhere between half the buffer's size and all of it.
 */
import { isHeavy, type Periodic } from '../../signs/queue.ts';
import { serverLoad } from '../../scenario/load.ts';
import { DELAYED_ACK_MIN_MS, MSS } from '../../linux/constants.ts';
import { PAGE_BUFFER_BYTES } from '../../scenario/reading.ts';
import { shift, type Span } from '../ends/ending.ts';
import type { PhaseRange } from './episode.ts';
import { withAnyDelays, withDelayedAnswers, type KernelRules } from './kernel-rules.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import { BUFFER_OVERHEAD_BYTES, FIRST_WINDOW_BYTES } from './memory.ts';
import { NEGLIGIBLE, roundTripLoss } from './chance.ts';
import { type Situation } from '../situation.ts';
import { latestTimeoutMs } from './uneven.ts';

export interface ClosedWindow {
  /** First byte that will never be acknowledged, ms after the fault. */
  readonly stuck: Span;
  /** Arrival of the acknowledgement after which nothing can be sent. */
  readonly closed: Span;
}

/** 2^rcv_wscale, for the largest receive buffer that there may be (tcp_select_initial_window). */
function windowUnit(largestBytes: number): number {
  return 2 ** Math.min(14, Math.max(0, Math.floor(Math.log2(largestBytes)) - 15));
}

/** Of the memory that is paid for, what a window that has crept down still offers at the least. */
const SPARE_SHARE = 0.5;

/** What somebody in front of a reader who takes nothing still reads. */
function readBefore({ scenario: { fault } }: Situation): number {
  if (fault.kind === 'tunnel-dead') return fault.proxyBufferBytes;
  return fault.kind === 'page-freeze' ? PAGE_BUFFER_BYTES : 0;
}

/** Bytes the other side still takes after the fault, in writes of `bytes`. */
function capacity(
  situation: Situation,
  load: Periodic,
): { readonly min: number; readonly max: number } {
  const { scenario } = situation;
  const { bytes } = load;
  const sysctls = sysctlsOf(scenario, 'client');
  // Who is sent much is given a larger buffer (tcp_rcv_space_adjust). Segments below the unit of the scaled window do
  // not make it smaller, since it is rounded up to that unit (tcp_select_window): then only memory is the limit.
  const grows = isHeavy(scenario, load) || bytes < windowUnit(sysctls['tcp_rmem.2']);
  const buffer = sysctls[grows ? 'tcp_rmem.2' : 'tcp_rmem.1'];
  const proxy = readBefore(situation);
  const paidFor = (buffer * bytes) / (bytes + BUFFER_OVERHEAD_BYTES);
  if (bytes >= MSS) {
    // While somebody in front of the reader still reads, full segments make the buffer grow.
    const grown = proxy > 0 ? Math.min(2 * buffer, sysctls['tcp_rmem.2']) : buffer;
    return { min: proxy + FIRST_WINDOW_BYTES / 2, max: proxy + grown };
  }
  return {
    min: proxy + SPARE_SHARE * Math.min(paidFor, FIRST_WINDOW_BYTES),
    // Under pressure the receiver packs what it holds (tcp_collapse): at best all memory is payload.
    max: proxy + buffer,
  };
}

/** Late acknowledgements of what was under way when the reader stopped. */
const LATE_BEFORE = 3;

/** From ten segments to 32 MiB, doubling each round trip. */
const SLOW_START_ROUNDS = 12;

/** How many times the server fills its send buffer before the largest window is full. */
function rounds(situation: Situation): number {
  const { scenario } = situation;
  const window = sysctlsOf(scenario, 'client')['tcp_rmem.2'];
  const sent = sysctlsOf(scenario, 'server')['tcp_wmem.2'];
  const proxy = readBefore(situation);
  return Math.ceil((window + proxy) / sent) + 1;
}

/**
 * The server's kernel behind a closed window: nobody reads, so what comes before it closes is acknowledged late (of a
 * saturating server the last windows full), and its RTO has grown by that.
 */
export function rulesBehindWindow(situation: Situation): KernelRules {
  const { rules, scenario } = situation;
  switch (scenario.load.kind) {
    case 'idle':
      return rules;
    case 'periodic':
      return withAnyDelays(rules);
    case 'saturated':
      return withDelayedAnswers(rules, rounds(situation) + LATE_BEFORE);
  }
}

/** When the window closes; null when so little is sent that it stays open. */
export function windowCloses(situation: Situation): ClosedWindow | null {
  const load = serverLoad(situation.scenario);
  if (load.kind === 'idle') return null;
  const { minMs, maxMs } =
    load.kind === 'saturated' ? filledBySaturation(situation) : filledByWrites(situation, load);
  const stuck: Span = { minMs, maxMs: maxMs + lossMs(situation) };
  // A window smaller than the next write is filled by the first probe, one timeout later.
  const { rttMaxMs, tickMs } = situation.rules;
  const probedMs = rttMaxMs + 2 * rulesBehindWindow(situation).rto.max * tickMs;
  return { stuck, closed: { minMs, maxMs: shift(stuck, probedMs).maxMs } };
}

function filledBySaturation(situation: Situation): PhaseRange {
  const { rttMaxMs, tickMs, uneven } = situation.rules;
  // Each round is acknowledged a round trip and a delayed ACK later; the last one shuts the window.
  const roundMs = rttMaxMs + DELAYED_ACK_MIN_MS + 2 * tickMs;
  // Where round trips differ the sender may still be in its slow start.
  const starting = uneven ? SLOW_START_ROUNDS : 0;
  return { minMs: 0, maxMs: (rounds(situation) + starting) * roundMs };
}

function filledByWrites(situation: Situation, load: Periodic): PhaseRange {
  const room = capacity(situation, load);
  return {
    minMs: Math.floor(room.min / load.bytes) * load.everyMs - situation.edgeMs,
    // One write on its way at the fault, and one of which the window takes a part.
    maxMs: (Math.floor(room.max / load.bytes) + 2) * load.everyMs - situation.edgeMs,
  };
}

/**
 * On a path that loses packets the window fills when retransmissions get through: each wait doubles, and that more
 * of them in a row are lost than are counted here is taken for impossible.
 */
function lossMs({ scenario, rules }: Situation): number {
  if (!rules.lossy) return 0;
  const waits = Math.ceil(Math.log(NEGLIGIBLE) / Math.log(roundTripLoss(scenario)));
  return waits * latestTimeoutMs(rules);
}
