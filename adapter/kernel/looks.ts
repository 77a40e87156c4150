/** What looks at sockets find: the state of one for the policy, and how many wait to be closed. */
import type { Socket } from 'node:net';
import type { SocketSample } from '../../model/reaper/types.ts';
import type { KernelBackend, TcpInfo } from './types.ts';

// include/net/tcp_states.h
const TCP_ESTABLISHED = 1;
const TCP_CLOSE_WAIT = 8;

export class Looks {
  readonly #kernel: KernelBackend;
  // Made once: a look must not allocate.
  readonly #info: TcpInfo = { state: 0, bytesAcked: 0 };

  constructor(kernel: KernelBackend) {
    this.#kernel = kernel;
  }

  /** Completes `sample`, whose `userQueueBytes` is filled in; false where the socket cannot be looked at. */
  look(socket: Socket | undefined, sample: SocketSample): boolean {
    const queueBytes = socket && this.#kernel.sendQueueBytes(socket);
    if (
      socket !== undefined &&
      queueBytes !== undefined &&
      this.#kernel.tcpInfo(socket, this.#info)
    ) {
      sample.queueBytes = queueBytes + sample.userQueueBytes;
      sample.bytesAcked = this.#info.bytesAcked;
      sample.established = this.#info.state === TCP_ESTABLISHED;
      return true;
    }
    // Not seen is not dead: a socket that cannot be looked at (a Unix-domain socket) gets no verdict.
    sample.queueBytes = 0;
    sample.established = true;
    return false;
  }

  /** How many of the sockets are in CLOSE_WAIT; undefined where nobody can tell. */
  closeWait(sockets: readonly Socket[]): number | undefined {
    if (this.#kernel.samplingRefusal() !== undefined) return undefined;
    return sockets.filter(
      (socket) => this.#kernel.tcpInfo(socket, this.#info) && this.#info.state === TCP_CLOSE_WAIT,
    ).length;
  }
}
