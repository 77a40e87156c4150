/**
 * Servers of `net` and the sockets they have accepted. A server counts its connections and does not list them; Node
 * lists the open handles of the process, and an accepted socket knows its server.
 */
import type { Server, Socket } from 'node:net';

/** Whether `server` is a `net.Server`: `http`, `https`, `http2` and `tls` servers are. */
export function isNetServer(server: object): server is Server {
  const { prependListener, getConnections, close } = server as Partial<Server>;
  return [prependListener, getConnections, close].every((member) => typeof member === 'function');
}

/**
 * The TCP sockets of `server` that are open now; below TLS, the TCP socket. A socket that was `unref`ed is not
 * found, and none is on a runtime without the list.
 */
export function acceptedSockets(server: Server): Socket[] {
  const { _getActiveHandles: list } = process as { _getActiveHandles?: () => unknown[] };
  if (typeof list !== 'function') return [];
  const handles = list.call(process) as (Partial<Socket> & { server?: unknown })[];
  return handles.filter(
    (handle) => handle.server === server && handle.destroyed === false,
  ) as Socket[];
}

/** The TCP socket below a TLS socket; the socket itself where there is no TLS. */
export function socketBelow(socket: Socket): Socket {
  return (socket as { _parent?: Socket | null })._parent ?? socket;
}

/** Ends a connection with a reset; one that is not TCP is destroyed. */
export function resetSocket(socket: Socket): void {
  const below = socketBelow(socket);
  try {
    below.resetAndDestroy();
  } finally {
    socket.destroy();
  }
}
