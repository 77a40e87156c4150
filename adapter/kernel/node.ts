/**
 * The backend of Node alone. Where `socket.setKeepAlive(enable, idle, interval, count)` takes four arguments (Node 24 on) it sets what the
 * policy says. Before, it takes the idle time only; libuv fills the other two with 1 s and 10 probes (libuv src/unix/tcp.c,
 * `uv__tcp_keepalive`). Any other interval or count would give a policy whose bound and tolerance nobody computed, so those are refused.
 */
import { Socket } from 'node:net';
import type { KeepaliveOptions, KernelBackend, Refusal } from './types.ts';

const LIBUV_INTERVAL_S = 1;
const LIBUV_PROBES = 10;
const ALL_ARGUMENTS = 4;

type SetKeepAlive = (on: true, idleMs: number, intervalMs: number, probes: number) => unknown;

/** Whether this Node's own function takes interval and count. */
export function setsWholeKeepalive(setKeepAlive: { readonly length: number }): boolean {
  return setKeepAlive.length >= ALL_ARGUMENTS;
}

/** A backend that sets the keepalive that Node can; `why` says what a fuller backend lacked. */
export function nodeBackend(
  why: string,
  whole = setsWholeKeepalive(Socket.prototype.setKeepAlive),
): KernelBackend {
  const keepaliveRefusal = ({ intervalS, probes }: KeepaliveOptions): Refusal => {
    if (whole || (intervalS === LIBUV_INTERVAL_S && probes === LIBUV_PROBES)) return undefined;
    return (
      `Node ${process.versions.node} by itself would probe every ${LIBUV_INTERVAL_S} s, ${LIBUV_PROBES} times, ` +
      `instead of every ${intervalS} s, ${probes} times (Node 24 can; here ${why})`
    );
  };
  return {
    name: 'node',
    keepaliveRefusal,
    userTimeoutRefusal: () => why,
    samplingRefusal: () => why,
    setKeepalive(socket: Socket, options: KeepaliveOptions): Refusal {
      const refusal = keepaliveRefusal(options);
      const { idleS, intervalS, probes } = options;
      // What a Node does not take of the four, it does not look at.
      const setKeepAlive = socket.setKeepAlive as SetKeepAlive;
      if (refusal === undefined)
        setKeepAlive.call(socket, true, idleS * 1000, intervalS * 1000, probes);
      return refusal;
    },
    setUserTimeout: () => why,
    sendQueueBytes: () => undefined,
    tcpInfo: () => false,
  };
}
