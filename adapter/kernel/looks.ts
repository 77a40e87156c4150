/** What looks at sockets find: the state of one for the policy, and how many wait to be closed. */
import type { Socket } from 'node:net';
import type { SocketSample } from '../../model/reaper/types.ts';
import { PausedLife, type Silent } from './paused.ts';
import type { KernelChoice } from './select.ts';
import type { KernelBackend, TcpInfo } from './types.ts';

// include/net/tcp_states.h
const TCP_ESTABLISHED = 1;
const TCP_CLOSE_WAIT = 8;

export class Looks {
  readonly #kernel: KernelBackend;
  // Made once: a look must not allocate.
  readonly #info: TcpInfo = { state: 0, bytesAcked: 0 };

  readonly #paused: PausedLife;

  /** `kernel`: the one in use; `choice`: what the owner allows. */
  constructor(kernel: KernelBackend, choice: KernelChoice = 'auto') {
    this.#kernel = kernel;
    this.#paused = new PausedLife(kernel, choice);
  }

  /** Whether the kernel has heard of a silent peer whose socket the application has paused; then it counts as read at that instant. */
  hears(silent: Silent, nowUs: number): boolean {
    return this.#paused.hears(silent, nowUs);
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
