/**
 * When the window of a peer that no longer reads closes, and from when on bytes are stuck behind it.
 *
 * A frozen process leaves its kernel's receive buffer to fill; a proxy with nobody behind it first
 * fills its own. How many bytes a receive buffer takes depends on how its memory is packed, so a slow
 * writer's window closes somewhere between half the buffer's size and all of it.
 */
import { shift, type Span } from './ending.ts';
import type { Situation } from './situation.ts';

/** `net.ipv4.tcp_rmem`, second value: the receive buffer of a new socket. */
const RECEIVE_BUFFER_BYTES = 131_072;

/** TCP_DELACK_MIN and the tick after it: a lone segment may be acknowledged this late. */
const DELAYED_ACK_MS = 40;

export interface ClosedWindow {
  /** First byte that will never be acknowledged, ms after the fault. */
  readonly stuck: Span;
  /** Arrival of the acknowledgement after which nothing can be sent. */
  readonly closed: Span;
}

/** Bytes the other side still takes after the fault. */
function capacity(situation: Situation): { readonly min: number; readonly max: number } {
  const { fault, kernel } = situation.scenario;
  const buffer =
    kernel.clientSysctls['net.ipv4.tcp_rmem.1'] ??
    kernel.clientSysctls['tcp_rmem.1'] ??
    RECEIVE_BUFFER_BYTES;
  const proxy = fault.kind === 'tunnel-dead' ? fault.proxyBufferBytes : 0;
  return { min: proxy + buffer / 2, max: proxy + buffer };
}

/** When the window closes; null when so little is sent that it stays open. */
export function windowCloses(situation: Situation): ClosedWindow | null {
  const { load } = situation.scenario;
  const { rttMs, tickMs, rto } = situation.rules;
  if (load.kind === 'idle') return null;
  if (load.kind === 'saturated') {
    // All the window holds is on its way already: it lands, and its acknowledgement comes back.
    const closed: Span = { minMs: 0, maxMs: 2 * rttMs + DELAYED_ACK_MS + tickMs };
    return { stuck: closed, closed };
  }
  const room = capacity(situation);
  const stuck: Span = {
    minMs: Math.floor(room.min / load.bytes) * load.everyMs - situation.edgeMs,
    maxMs: (Math.floor(room.max / load.bytes) + 1) * load.everyMs - situation.edgeMs,
  };
  // A window smaller than the next write is filled by the first probe, one timeout later.
  return {
    stuck,
    closed: { minMs: stuck.minMs, maxMs: shift(stuck, rttMs + 2 * rto.max * tickMs).maxMs },
  };
}
