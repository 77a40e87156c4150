/**
 * The receive window: how much a socket offers, and why a reader that stops closes it.
 *
 * Memory is what limits it, and memory is counted per buffer (sk_buff) with all its overhead, so
 * the window is the free memory times the payload share seen so far (`scalingRatio`/256). The right
 * edge is never taken back. Offered windows are rounded up to the window scale, which is why a
 * frozen reader's window creeps on for a while before it reaches zero.
 * Source: net/ipv4/tcp_output.c __tcp_select_window, tcp_select_window; net/ipv4/tcp_input.c
 * tcp_grow_window, tcp_measure_rcv_mss, tcp_rcv_space_adjust, tcp_clamp_window, tcp_init_buffer_space.
 */
import { windowScaleFor } from '../../model/linux/window-scale.ts';
import {
  INITIAL_CWND,
  RECEIVE_BUFFER_MAX_BYTES,
  SEGMENT_OVERHEAD_BYTES,
  SHARED_INFO_BYTES,
  SK_BUFF_BYTES,
  TIMESTAMP_OPTION_BYTES,
} from '../../model/linux/constants.ts';
import { headerBytes } from '../../model/linux/segment-size.ts';
import { driverBufferBytes } from '../../model/linux/receive-space.ts';
import { receiverRtt8, windowWanted } from '../../model/linux/receive-space.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import type { Segment } from '../network/segment.ts';

/** PAGE_SIZE. */
const PAGE_BYTES = 4096;

/** U16_MAX: a SYN's window is not scaled. */
const UNSCALED_WINDOW_MAX = 65_535;

/** tcp_win_from_space. */
function windowFromSpace(sk: Sock, space: number): number {
  return Math.floor((space * sk.scalingRatio) / 256);
}

/** tcp_space: window that the free memory allows. */
function freeSpace(sk: Sock): number {
  return windowFromSpace(sk, sk.receiveBuffer - receivedMemory(sk));
}

/** sk_rmem_alloc: what has been received, in order and beyond a gap. */
function receivedMemory(sk: Sock): number {
  return sk.receiveQueue.memory + sk.outOfOrder.memory;
}

/** NET_SKB_PAD, and the headers of IP and TCP: in the buffer beside the payload. */
function headroomBytes(sk: Sock): number {
  const options = sk.timestamps ? TIMESTAMP_OPTION_BYTES : 0;
  return HEADROOM_BYTES + headerBytes(sk.kernel.addressFamily) + options;
}

const HEADROOM_BYTES = 64;

/** Payload of one buffer of what has arrived as one; 0 = it is one. */
function bufferBytes(bytes: number, each: number): number {
  return each === 0 ? bytes : Math.min(bytes, each);
}

/** skb->truesize of a segment as it arrives: the sender's buffer, or one of the driver. */
export function receiveMemory(sk: Sock, bytes: number): number {
  return sk.kernel.offload === 'path'
    ? bytes + SEGMENT_OVERHEAD_BYTES
    : driverBufferBytes(headroomBytes(sk) + bytes);
}

/** tcp_queue_rcv: packed segments share buffers, a driver's buffer only takes what still fits into it. */
export function queueReceived(sk: Sock, bytes: number, each: number): void {
  const memory = receiveMemory(sk, bytes);
  const before = sk.receiveQueue.memory;
  if (sk.kernel.offload === 'path') {
    sk.receiveQueue.pushPacked(bytes, bufferBytes(bytes, each), SEGMENT_OVERHEAD_BYTES);
  } else {
    const room = memory - SK_BUFF_BYTES - bytes - headroomBytes(sk) - SHARED_INFO_BYTES;
    sk.receiveQueue.push(bytes, memory, Math.max(0, room));
  }
  scheduleMemory(sk, memory);
  sk.forwardBytes -= sk.receiveQueue.memory - before;
}

/** sk_rmem_schedule: memory comes by the page, and what is left over serves the next segment. */
function scheduleMemory(sk: Sock, memory: number): void {
  const shortBytes = memory - sk.forwardBytes;
  if (shortBytes > 0) sk.forwardBytes += Math.ceil(shortBytes / PAGE_BYTES) * PAGE_BYTES;
}

/** skb_set_owner_r of what lies beyond a gap. */
export function takeForward(sk: Sock, memory: number): void {
  scheduleMemory(sk, memory);
  sk.forwardBytes -= memory;
}

/** sk_mem_uncharge: what a reader gives back, but for less than a page, is not kept. */
export function giveBack(sk: Sock, memory: number): void {
  const kept = sk.forwardBytes + memory;
  sk.forwardBytes = kept >= PAGE_BYTES ? kept % PAGE_BYTES : kept;
}

/**
 * tcp_try_rmem_schedule, tcp_clamp_window: a full buffer that may grow is made to fit what it holds. A segment that was foreseen (header
 * prediction) and for which memory is at hand is not even asked (tcp_rcv_established).
 */
export function mayQueue(sk: Sock, bytes: number): boolean {
  const memory = receivedMemory(sk);
  if (sk.foreseen && receiveMemory(sk, bytes) <= sk.forwardBytes) return true;
  if (memory <= sk.receiveBuffer) return true;
  sk.quickAcks = 0;
  const largest = sk.kernel.sysctls['tcp_rmem.2'];
  if (!sk.receiveBufferLocked && sk.receiveBuffer < largest) {
    sk.receiveBuffer = Math.min(memory, largest);
  }
  if (memory <= sk.receiveBuffer) return true;
  sk.foreseen = false;
  sk.rcvSsthresh = Math.min(sk.windowClamp, 2 * sk.mss);
  return false;
}

/** tcp_select_initial_window, for segments of `mss` bytes of payload. */
export function initReceiveWindow(sk: Sock, mss: number): void {
  sk.scalingRatio = 128;
  const space = windowFromSpace(sk, sk.receiveBuffer);
  const whole = space > mss ? Math.floor(space / mss) * mss : space;
  sk.rcvWnd = Math.min(whole, UNSCALED_WINDOW_MAX);
  sk.rcvSsthresh = sk.rcvWnd;
  sk.windowClamp = space;
  const { profile, sysctls } = sk.kernel;
  const largest = sk.receiveBufferLocked
    ? space
    : Math.max(space, sysctls['tcp_rmem.2'], RECEIVE_BUFFER_MAX_BYTES[profile]);
  sk.windowScale = sk.kernel.windowScaling ? windowScaleFor(largest) : 0;
}

/** tcp_init_buffer_space, when the handshake is over: one segment is kept back (net.ipv4.tcp_app_win = 31). */
export function initBufferSpace(sk: Sock): void {
  const full = windowFromSpace(sk, sk.receiveBuffer);
  sk.windowClamp = full > 2 * sk.mss ? Math.max(2 * sk.mss, full - sk.mss) : full;
  if (sk.windowScale === 0) sk.windowClamp = Math.min(sk.windowClamp, UNSCALED_WINDOW_MAX);
  sk.rcvSsthresh = Math.min(sk.rcvSsthresh, sk.windowClamp);
  sk.drsSpace = Math.min(sk.rcvSsthresh, sk.rcvWnd, INITIAL_CWND * sk.mss);
  sk.drsSeq = sk.copiedSeq;
  sk.drsStartUs = sk.kernel.nowUs;
  sk.stampUs = sk.kernel.nowUs;
}

/** What is left of the window last offered. */
export function openWindow(sk: Sock): number {
  return Math.max(0, sk.rcvWup + sk.rcvWnd - sk.rcvNxt);
}

/** __tcp_select_window: what could be offered now. */
export function selectableWindow(sk: Sock): number {
  const allowed = windowFromSpace(sk, sk.receiveBuffer);
  const full = Math.min(sk.windowClamp, allowed);
  const mss = Math.min(sk.rcvMss, full);
  if (mss <= 0) return 0;
  const unit = 1 << sk.windowScale;
  let free = freeSpace(sk);
  if (free < Math.floor(full / 2)) {
    sk.quickAcks = 0;
    free = Math.floor(free / unit) * unit;
    if (free < Math.floor(allowed / 16) || free < mss) return 0;
  }
  free = Math.min(free, sk.rcvSsthresh);
  return unit === 1 ? wholeSegments(sk, free, full, mss) : Math.ceil(free / unit) * unit;
}

/** The part of __tcp_select_window for windows that are not scaled: they move by whole segments, or not at all. */
function wholeSegments(sk: Sock, free: number, full: number, mss: number): number {
  const offered = sk.rcvWnd;
  if (offered <= free - mss || offered > free) return Math.floor(free / mss) * mss;
  return mss === full && free > offered + (full >> 1) ? free : offered;
}

/** Fills the buffer until no window can be offered, and `excess` more: the state of a recorded receiver that has shut it. */
export function pinWholeBuffer(sk: Sock, excess: number): void {
  if (excess === 0 && selectableWindow(sk) === 0) return;
  // Just below the sixteenth at which __tcp_select_window gives up.
  const full = sk.receiveBuffer - Math.floor(sk.receiveBuffer / 16) + 2 + excess;
  sk.receiveQueue.pin(Math.max(0, full - sk.receiveQueue.memory));
}

/** tcp_select_window: the window of the segment about to be sent. */
export function advertiseWindow(sk: Sock): number {
  if (sk.noMemory) {
    sk.foreseen = false;
    sk.rcvWnd = 0;
    sk.rcvWup = sk.rcvNxt;
    return 0;
  }
  const unit = 1 << sk.windowScale;
  const current = openWindow(sk);
  let window = selectableWindow(sk);
  if (window < current) window = Math.ceil(current / unit) * unit;
  if (unit === 1) window = Math.min(window, UNSCALED_WINDOW_MAX);
  sk.rcvWnd = window;
  sk.rcvWup = sk.rcvNxt;
  if (window === 0) sk.foreseen = false;
  return window;
}

/** SOCK_MIN_RCVBUF / 2: no clamp is lower. */
const LEAST_CLAMP = (2048 + SK_BUFF_BYTES) / 2;

/**
 * tcp_set_window_clamp: another payload share; the window to be offered follows a lower clamp, and a higher one at once. In 6.12 it does
 * neither.
 */
function setWindowClamp(sk: Sock): void {
  const before = sk.windowClamp;
  const clamp = Math.max(LEAST_CLAMP, windowFromSpace(sk, sk.receiveBuffer));
  sk.windowClamp = clamp;
  if (sk.kernel.profile === '6.12') return;
  if (clamp < before) sk.rcvSsthresh = Math.min(sk.rcvSsthresh, clamp);
  else if (clamp > before) sk.rcvSsthresh = Math.max(sk.rcvSsthresh, Math.min(sk.rcvWnd, clamp));
}

/** TCP_MSS_DEFAULT and TCP_MIN_MSS: from these sizes on a segment can be a full one, the latter without PSH. */
const MSS_DEFAULT = 536;
const MSS_MIN = 88;

/** tcp_measure_rcv_mss: the peer's segment size, and with it the payload share of memory. */
export function measureSegmentSize(sk: Sock, bytes: number, pushed: boolean): void {
  const size = Math.min(bytes, sk.mss);
  const last = sk.lastSegmentSize;
  sk.lastSegmentSize = 0;
  if (size >= sk.rcvMss) {
    if (size !== sk.rcvMss) {
      const buffer = bufferBytes(bytes, sk.arrivingBytes);
      const ratio = Math.max(1, Math.floor((buffer * 256) / receiveMemory(sk, buffer)));
      if (ratio !== sk.scalingRatio) {
        sk.scalingRatio = ratio;
        setWindowClamp(sk);
        sk.drsSpace = Math.min(sk.drsSpace, sk.windowClamp);
      }
    }
    sk.rcvMss = size;
    if (pushed) sk.ackPushed = Math.max(sk.ackPushed, 1);
    return;
  }
  // Sizes are compared with the timestamp option counted in.
  if (size + TIMESTAMP_OPTION_BYTES >= (pushed ? MSS_DEFAULT : MSS_MIN)) {
    sk.lastSegmentSize = size;
    if (size === last) {
      // Twice the same: the peer's segments have become smaller.
      sk.rcvMss = size;
      return;
    }
  }
  sk.ackPushed = Math.min(2, sk.ackPushed + 1);
}

/** tcp_grow_window: a segment whose payload pays for its memory lets the window grow. */
export function growWindow(sk: Sock, bytes: number): void {
  const room = Math.min(sk.windowClamp, freeSpace(sk)) - sk.rcvSsthresh;
  if (room <= 0) return;
  const memory = receiveMemory(sk, bytes);
  let increment = 0;
  if (windowFromSpace(sk, memory) <= bytes) increment = 2 * sk.mss;
  else increment = growSmallSegment(sk, bytes, memory);
  if (increment === 0) return;
  sk.rcvSsthresh += Math.min(room, Math.max(increment, 2 * bytes));
  sk.quickAcks |= 1;
}

/** __tcp_grow_window: small segments only as long as the window is still small beside the buffer. */
function growSmallSegment(sk: Sock, bytes: number, memory: number): number {
  let truesize = Math.floor(windowFromSpace(sk, memory) / 2);
  let window = Math.floor(windowFromSpace(sk, sk.kernel.sysctls['tcp_rmem.2']) / 2);
  while (sk.rcvSsthresh <= window) {
    if (truesize <= bytes) return 2 * sk.rcvMss;
    truesize = Math.floor(truesize / 2);
    window = Math.floor(window / 2);
  }
  return 0;
}

/** tcp_fast_path_check: whether the next segment in order will be one that was foreseen. */
export function foresee(sk: Sock): void {
  if (sk.outOfOrder.length === 0 && sk.rcvWnd > 0 && receivedMemory(sk) < sk.receiveBuffer) {
    sk.foreseen = true;
  }
}

/** tcp_rcv_rtt_measure: how long a whole window has taken to arrive. */
export function measureByWindow(sk: Sock): void {
  const { nowUs, profile } = sk.kernel;
  if (sk.rcvRttStampUs !== NEVER) {
    if (sk.rcvNxt < sk.rcvRttSeq) return;
    const sampleUs = Math.max(1, nowUs - sk.rcvRttStampUs);
    sk.rcvRtt8 = receiverRtt8(sk.rcvRtt8, sampleUs, true, sk.rcvNxt !== sk.copiedSeq, profile);
  }
  sk.rcvRttSeq = sk.rcvNxt + sk.rcvWnd;
  sk.rcvRttStampUs = nowUs;
}

/** tcp_rcv_rtt_measure_ts: a full segment echoes when what it answers was sent; each echo measures once. */
export function measureByTimestamp(sk: Sock, segment: Segment): void {
  const { kernel } = sk;
  const { echoMs } = segment;
  if (!sk.timestamps || echoMs === NEVER) return;
  if (echoMs === sk.rcvRttEchoMs) {
    sk.echoesAgain += 1;
    return;
  }
  sk.rcvRttEchoMs = echoMs;
  if (segment.length < sk.rcvMss) return;
  const sampleMs = kernel.clockMs() - echoMs;
  if (sampleMs <= 0) return;
  const unread = sk.rcvNxt !== sk.copiedSeq;
  sk.rcvRtt8 = receiverRtt8(sk.rcvRtt8, 1000 * sampleMs, false, unread, kernel.profile);
}

/**
 * tcp_rcv_space_adjust, after each buffer that is copied to the process: a reader that keeps up gets a larger one, measured once per round
 * trip. Since 6.16 the clock is that of the last packet, so that of one read only the first buffer counts.
 */
export function adjustReceiveSpace(sk: Sock): void {
  const { kernel } = sk;
  const nowUs = kernel.profile === '6.18' ? sk.stampUs : kernel.nowUs;
  if (sk.rcvRtt8 === 0 || nowUs - sk.drsStartUs < Math.floor(sk.rcvRtt8 / 8)) return;
  const unread = sk.rcvNxt - sk.copiedSeq;
  const copied = sk.copiedSeq - sk.drsSeq - unread;
  if (copied > sk.drsSpace) growReceiveBuffer(sk, copied);
  sk.drsSeq = sk.copiedSeq;
  sk.drsStartUs = nowUs;
}

/** Since 6.18 the buffer is to hold what lies beyond a gap too. */
function beyondGap(sk: Sock): number {
  if (sk.kernel.profile !== '6.18' || sk.outOfOrder.length === 0) return 0;
  return sk.outOfOrder.lastEnd - sk.rcvNxt;
}

/** tcp_data_queue_ofo: something lies beyond a gap. */
export function growForGap(sk: Sock): void {
  if (sk.kernel.profile === '6.18' && !sk.orphan) growReceiveBuffer(sk, sk.drsSpace);
}

/** tcp_rcvbuf_grow. */
function growReceiveBuffer(sk: Sock, copied: number): void {
  const { kernel } = sk;
  const before = sk.drsSpace;
  sk.drsSpace = copied;
  if (kernel.sysctls.tcp_moderate_rcvbuf === 0 || sk.receiveBufferLocked) return;
  const window = windowWanted(copied, before, sk.mss, kernel.profile) + beyondGap(sk);
  const wanted = Math.ceil((window * 256) / sk.scalingRatio);
  const buffer = Math.min(wanted, kernel.sysctls['tcp_rmem.2']);
  if (buffer <= sk.receiveBuffer) return;
  sk.receiveBuffer = buffer;
  sk.windowClamp = windowFromSpace(sk, buffer);
}
