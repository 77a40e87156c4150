/**
 * The receive window: how much a socket offers, and why a reader that stops closes it.
 *
 * Memory is what limits it, and memory is counted per buffer (sk_buff) with all its overhead, so
 * the window is the free memory times the payload share seen so far (`scalingRatio`/256). The right
 * edge is never taken back. Offered windows are rounded up to the window scale, which is why a
 * frozen reader's window creeps on for a while before it reaches zero.
 * Source: net/ipv4/tcp_output.c __tcp_select_window, tcp_select_window; net/ipv4/tcp_input.c
 * tcp_grow_window, tcp_measure_rcv_mss, tcp_rcv_space_adjust, tcp_init_buffer_space.
 */
import { INITIAL_CWND, MSS, RECEIVE_OVERHEAD_BYTES, SK_BUFF_BYTES } from './constants.ts';
import type { Sock } from './sock.ts';

/** U16_MAX: a SYN's window is not scaled. */
const UNSCALED_WINDOW_MAX = 65_535;

/** tcp_win_from_space. */
function windowFromSpace(sk: Sock, space: number): number {
  return Math.floor((space * sk.scalingRatio) / 256);
}

/** tcp_space: window that the free memory allows. */
function freeSpace(sk: Sock): number {
  return windowFromSpace(sk, sk.receiveBuffer - sk.receiveQueue.memory);
}

/** Data bytes the head room of a driver's buffer adds, and its alignment (tun_build_skb). */
const DRIVER_HEADROOM_BYTES = 246;
const CACHE_LINE_BYTES = 64;
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)). */
const SHARED_INFO_BYTES = 320;

/** skb->truesize of a segment as it arrives: packed by offload, or one driver buffer per segment. */
export function receiveMemory(sk: Sock, bytes: number): number {
  if (sk.kernel.offload) return bytes + RECEIVE_OVERHEAD_BYTES;
  const data = Math.ceil((bytes + DRIVER_HEADROOM_BYTES) / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
  return data + SHARED_INFO_BYTES + SK_BUFF_BYTES;
}

/** tcp_select_initial_window, for segments of `mss` bytes of payload. */
export function initReceiveWindow(sk: Sock, mss: number): void {
  sk.scalingRatio = 128;
  const space = windowFromSpace(sk, sk.receiveBuffer);
  const whole = space > mss ? Math.floor(space / mss) * mss : space;
  sk.rcvWnd = Math.min(whole, UNSCALED_WINDOW_MAX);
  sk.rcvSsthresh = sk.rcvWnd;
  sk.windowClamp = space;
  const largest = sk.receiveBufferLocked
    ? sk.receiveBuffer
    : Math.max(space, sk.kernel.sysctls['tcp_rmem.2']);
  sk.windowScale = Math.min(14, Math.max(0, Math.floor(Math.log2(largest)) - 15));
}

/** tcp_init_buffer_space, when the handshake is over. */
export function initBufferSpace(sk: Sock): void {
  sk.windowClamp = windowFromSpace(sk, sk.receiveBuffer);
  sk.rcvSsthresh = Math.min(sk.rcvSsthresh, sk.windowClamp);
  sk.drsSpace = Math.min(sk.rcvSsthresh, sk.rcvWnd, INITIAL_CWND * MSS);
  sk.drsSeq = sk.copiedSeq;
  sk.drsStartUs = sk.kernel.nowUs;
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
  return Math.ceil(free / unit) * unit;
}

/** tcp_select_window: the window of the segment about to be sent. */
export function advertiseWindow(sk: Sock): number {
  const unit = 1 << sk.windowScale;
  const current = openWindow(sk);
  let window = selectableWindow(sk);
  if (window < current) window = Math.ceil(current / unit) * unit;
  sk.rcvWnd = window;
  sk.rcvWup = sk.rcvNxt;
  return window;
}

/** tcp_measure_rcv_mss: the peer's segment size, and with it the payload share of memory. */
export function measureSegmentSize(sk: Sock, bytes: number, pushed: boolean): void {
  const size = Math.min(bytes, MSS);
  if (size >= sk.rcvMss) {
    if (size !== sk.rcvMss) {
      const ratio = Math.floor((bytes * 256) / receiveMemory(sk, bytes));
      sk.scalingRatio = Math.max(1, ratio);
      sk.windowClamp = windowFromSpace(sk, sk.receiveBuffer);
      sk.drsSpace = Math.min(sk.drsSpace, sk.windowClamp);
    }
    sk.rcvMss = size;
    if (pushed) sk.ackPushed = Math.max(sk.ackPushed, 1);
    return;
  }
  sk.ackPushed = Math.min(2, sk.ackPushed + 1);
}

/** tcp_grow_window: a segment whose payload pays for its memory lets the window grow. */
export function growWindow(sk: Sock, bytes: number): void {
  const room = Math.min(sk.windowClamp, freeSpace(sk)) - sk.rcvSsthresh;
  if (room <= 0) return;
  const memory = receiveMemory(sk, bytes);
  let increment = 0;
  if (windowFromSpace(sk, memory) <= bytes) increment = 2 * MSS;
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

/** tcp_rcv_space_adjust: a reader that keeps up gets a larger buffer, measured once per round trip. */
export function adjustReceiveSpace(sk: Sock): void {
  const { kernel } = sk;
  const roundTripUs = Math.floor(sk.srtt8 / 8);
  if (roundTripUs === 0 || kernel.nowUs - sk.drsStartUs < roundTripUs) return;
  const copied = sk.copiedSeq - sk.drsSeq;
  if (copied > sk.drsSpace) {
    if (kernel.sysctls.tcp_moderate_rcvbuf === 1 && !sk.receiveBufferLocked) {
      let window = copied * 2 + 16 * MSS;
      const growth = Math.floor((window * (copied - sk.drsSpace)) / sk.drsSpace);
      window += growth * 2;
      const wanted = Math.ceil((window * 256) / sk.scalingRatio);
      const buffer = Math.min(wanted, kernel.sysctls['tcp_rmem.2']);
      if (buffer > sk.receiveBuffer) {
        sk.receiveBuffer = buffer;
        sk.windowClamp = windowFromSpace(sk, buffer);
      }
    }
    sk.drsSpace = copied;
  }
  sk.drsSeq = sk.copiedSeq;
  sk.drsStartUs = kernel.nowUs;
}
