/** Samples of the connection's socket for a watchdog: TCP_INFO, SIOCOUTQ and the queue in user space. */
import type { SocketSample } from '../../model/reaper/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import { blankInfo } from '../kernel/tcp-info.ts';
import { TcpState } from '../kernel/types.ts';
import type { TcpInfo, TcpSocket } from '../kernel/types.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { SendPath } from '../process/send-path.ts';
import type { ObservedDifferences } from './observed-differences.ts';

export class SocketSampler {
  readonly #eventLog: EventLog;
  readonly #observed: ObservedDifferences;
  readonly #info: TcpInfo = blankInfo();
  #socket!: TcpSocket;
  #path!: SendPath;
  /** The last look that was worth telling: one that saw something new. */
  #seenQueueBytes = -1;
  #seenBytesAcked = -1;

  constructor(eventLog: EventLog, observed: ObservedDifferences) {
    this.#eventLog = eventLog;
    this.#observed = observed;
  }

  attach(socket: TcpSocket, path: SendPath): void {
    this.#socket = socket;
    this.#path = path;
  }

  reset(): void {
    this.#seenQueueBytes = -1;
    this.#seenBytesAcked = -1;
  }

  walk(state: StateWalk): void {
    state.same(this.#seenQueueBytes);
    this.#seenBytesAcked = state.passed(Unit.ToClient, this.#seenBytesAcked);
  }

  take(into: SocketSample): void {
    const info = this.#socket.info(this.#info);
    into.userQueueBytes = this.#path.queuedBytes;
    into.queueBytes = info.outqBytes + into.userQueueBytes;
    into.bytesAcked = info.bytesAcked;
    into.established = info.state === TcpState.Established;
    const queueMoved = into.queueBytes !== this.#seenQueueBytes;
    const ackedMoved = into.bytesAcked !== this.#seenBytesAcked;
    if (!queueMoved && !ackedMoved) return;
    if (queueMoved !== ackedMoved && into.queueBytes > 0) this.#observed.measuresDiffer = true;
    this.#seenQueueBytes = into.queueBytes;
    this.#seenBytesAcked = into.bytesAcked;
    this.#eventLog.note(eventTypes.sampled, into.queueBytes, into.bytesAcked);
  }
}
