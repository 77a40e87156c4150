/**
 * What the adapter asks of the operating system, as one small interface with three backends:
 *
 * - `koffi`: Linux, through libc, everything below;
 * - `node`: what `socket.setKeepAlive` alone can do, anywhere;
 * - `none`: nothing.
 *
 * A backend never does a thing halfway. What it cannot do exactly as the policy says, it refuses in
 * words meant for the person who runs the server, and the adapter reports that mechanism as off.
 */
import type { Socket } from 'node:net';
import type { KernelOptions } from '../../model/mechanisms/kind.ts';

export type KernelBackendName = 'koffi' | 'node' | 'none';

/** SO_KEEPALIVE's three TCP options, as the compiled policy states them. */
export type KeepaliveOptions = NonNullable<KernelOptions['keepalive']>;

/** The part of TCP_INFO that policies decide by. */
export interface TcpInfo {
  /** tcpi_state: 1 is TCP_ESTABLISHED (net/tcp_states.h). */
  state: number;
  /** tcpi_bytes_acked: bytes the peer's kernel has acknowledged since the connection began. */
  bytesAcked: number;
}

/** Why something was not done; `undefined` means that it was. */
export type Refusal = string | undefined;

/** Socket options and socket state of one operating system, by way of one library. */
export interface KernelBackend {
  /** One of ours, or what an application calls its own. */
  readonly name: string;
  /** Why no socket at all could get these keepalive options from this backend. */
  keepaliveRefusal(options: KeepaliveOptions): Refusal;
  /** Why no socket at all could get TCP_USER_TIMEOUT from this backend. */
  userTimeoutRefusal(): Refusal;
  /** Why no socket's send queue and TCP_INFO could be read by this backend. */
  samplingRefusal(): Refusal;
  setKeepalive(socket: Socket, options: KeepaliveOptions): Refusal;
  setUserTimeout(socket: Socket, timeoutMs: number): Refusal;
  /** SIOCOUTQ: bytes written and not yet acknowledged by the peer's kernel; undefined when it cannot be read. */
  sendQueueBytes(socket: Socket): number | undefined;
  /** Fills `into` and answers true; false when it cannot be read. */
  tcpInfo(socket: Socket, into: TcpInfo): boolean;
  /**
   * How long ago the kernel heard of the peer's process, ms: of its bytes (tcpi_last_data_recv), or, while bytes wait that the process
   * does not read and the peer may have no room for more, of its kernel (tcpi_last_ack_recv). Undefined when it cannot be read; a backend
   * may be without it.
   */
  heardMsAgo?(socket: Socket): number | undefined;
}
