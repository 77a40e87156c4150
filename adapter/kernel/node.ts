/**
 * The backend of Node alone. `socket.setKeepAlive(true, ms)` takes the idle time only; libuv fills
 * the other two with 1 s and 10 probes (libuv src/unix/tcp.c, `uv__tcp_keepalive`). Any other interval
 * or count would give a policy whose bound and tolerance nobody computed, so those are refused.
 */
import type { Socket } from 'node:net';
import type { KeepaliveOptions, KernelBackend, Refusal } from './types.ts';

const LIBUV_INTERVAL_S = 1;
const LIBUV_PROBES = 10;

/** A backend that sets the one keepalive Node can; `why` says what a fuller backend lacked. */
export function nodeBackend(why: string): KernelBackend {
  const keepaliveRefusal = ({ intervalS, probes }: KeepaliveOptions): Refusal => {
    if (intervalS === LIBUV_INTERVAL_S && probes === LIBUV_PROBES) return undefined;
    return (
      `Node by itself would probe every ${LIBUV_INTERVAL_S} s, ${LIBUV_PROBES} times, ` +
      `instead of every ${intervalS} s, ${probes} times (${why})`
    );
  };
  return {
    name: 'node',
    keepaliveRefusal,
    userTimeoutRefusal: () => why,
    samplingRefusal: () => why,
    setKeepalive(socket: Socket, options: KeepaliveOptions): Refusal {
      const refusal = keepaliveRefusal(options);
      if (refusal === undefined) socket.setKeepAlive(true, options.idleS * 1000);
      return refusal;
    },
    setUserTimeout: () => why,
    sendQueueBytes: () => undefined,
    tcpInfo: () => false,
  };
}
