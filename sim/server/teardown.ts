/**
 * Teardown of the server's connection: who decided and why, how a verdict is carried out, and the four instants of the
 * end.
 *
 * The decision is the verdict. The descriptor is closed with it (`destroy`, `reset`), when the closing
 * handshake has ended or timed out (`close`), or when user space has nothing left to write (`flush`), which a
 * peer that takes nothing puts off until the kernel gives the connection up. Whoever flushes has stopped
 * reading: what the peer still sends, its end of file too, is not looked at.
 */
import { CloseCode } from '../../model/machines/websocket/index.ts';
import { kindOf, mannerOf, placeOf } from '../../model/mechanisms/index.ts';
import type { Policy, VerdictManner } from '../../model/policy/types.ts';
import type { TcpSocket } from '../kernel/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import type { WebSocketEndpoint } from '../websocket/endpoint.ts';
import type { Ending, ConnectionRecord } from '../process/connection-record.ts';
import type { SendPath } from '../process/send-path.ts';
import type { ObservedDifferences } from './observed-differences.ts';

/** What is told of a mechanism that is none of the policy's. */
const NO_MECHANISM = -1;

export class Teardown {
  readonly #scheduler: Scheduler;
  readonly #eventLog: EventLog;
  readonly #life: ConnectionRecord;
  readonly #observed: ObservedDifferences;
  readonly #reasons: readonly string[];
  readonly #kinds: readonly string[];
  readonly #manners: readonly VerdictManner[];
  /** Which mechanism limits the opening handshake. */
  readonly #handshake: number;
  /** Load and reapers end with the decision. */
  readonly #stopWork: () => void;
  #endpoint!: WebSocketEndpoint;
  #socket!: TcpSocket;
  #path!: SendPath;
  #resets = false;
  /** What is to happen once user space has nothing left to write. */
  #onceWritten: 'nothing' | 'destroy' | 'close-tcp' = 'nothing';

  constructor(
    policy: Policy,
    around: { readonly scheduler: Scheduler; readonly eventLog: EventLog },
    life: ConnectionRecord,
    observed: ObservedDifferences,
    stopWork: () => void,
  ) {
    const { mechanisms } = policy;
    this.#scheduler = around.scheduler;
    this.#eventLog = around.eventLog;
    this.#life = life;
    this.#observed = observed;
    this.#reasons = mechanisms.map((mechanism) => kindOf(mechanism).brief(mechanism));
    this.#kinds = mechanisms.map(({ kind }) => kind);
    this.#manners = mechanisms.map(mannerOf);
    this.#handshake = placeOf('handshake-deadline', mechanisms);
    this.#stopWork = stopWork;
  }

  /** Once, while building a world. */
  attach(endpoint: WebSocketEndpoint, socket: TcpSocket, path: SendPath): void {
    this.#endpoint = endpoint;
    this.#socket = socket;
    this.#path = path;
  }

  reset(): void {
    this.#resets = false;
    this.#onceWritten = 'nothing';
  }

  /** The descriptor stays open only for what is still to be written. */
  get isFlushing(): boolean {
    return this.#onceWritten === 'destroy';
  }

  /** Nobody has decided anything yet. */
  get isUndecided(): boolean {
    return this.#life.ending === 'open';
  }

  /**
   * The first decision counts; what follows belongs to its being carried out.
   *
   * @param by what ended it, in the words of `ConnectionRecord.by`
   */
  decide(ending: Ending, reason: string, by: string): void {
    this.#stopWork();
    if (!this.isUndecided) return;
    this.#life.ending = ending;
    this.#life.by = by;
    this.#life.reason = reason;
    this.#life.decidedAtUs = this.#scheduler.nowUs;
  }

  /** The verdict of a mechanism. */
  reap(mechanism: number): void {
    this.#observed.verdicts |= 1 << mechanism;
    this.#eventLog.note(eventTypes.reaped, mechanism);
    this.decide('reaped', this.#reasons[mechanism] as string, this.#kinds[mechanism] as string);
    this.#carryOut(mechanism, CloseCode.InternalError);
  }

  /** The verdict of a mechanism that looks at closing connections, too: nothing is waited for any more. */
  destroyClosing(mechanism: number): void {
    this.#eventLog.note(eventTypes.reaped, mechanism);
    this.#stopWork();
    this.#endpoint.destroy();
  }

  /** The end of an idle or an old connection: no verdict about the peer, however it is carried out. */
  closeOrderly(mechanism: number): void {
    this.decide('closed', this.#reasons[mechanism] as string, this.#kinds[mechanism] as string);
    this.#carryOut(mechanism, CloseCode.GoingAway);
  }

  /** FIN after everything that is queued. */
  closeTcp(): void {
    this.#onceWritten = 'close-tcp';
    this.written();
  }

  /** The send path may have nothing left; returns whether the connection waits for that. */
  written(): boolean {
    if (this.#onceWritten === 'nothing') return false;
    if (this.#path.queuedBytes > 0) return true;
    if (this.#onceWritten === 'destroy') this.#endpoint.destroy();
    else this.#endpoint.tcpClosed();
    return true;
  }

  /** The kernel's socket has left ESTABLISHED. */
  leftEstablished(): void {
    if (this.#life.kernelClosedAtUs !== Infinity) return;
    this.#life.kernelClosedAtUs = this.#scheduler.nowUs;
  }

  /** close(2), or the reset that a verdict asks for. */
  closeDescriptor(): void {
    if (this.isUndecided) this.#handshakeTimedOut();
    this.leftEstablished();
    this.#stopWork();
    this.#life.closedAtUs = this.#scheduler.nowUs;
    this.#eventLog.note(eventTypes.descriptorClosed, this.#endpoint.closeCode);
    this.#path.drop();
    if (this.#resets) this.#socket.abort();
    else this.#socket.close();
  }

  /** The kernel has forgotten the socket. */
  released(): void {
    if (this.#life.releasedAtUs !== Infinity) return;
    this.#life.releasedAtUs = this.#scheduler.nowUs;
    this.#eventLog.note(eventTypes.released);
    this.#eventLog.end();
  }

  /** The only end that the endpoint comes to of itself. There is no WebSocket to close yet, and nothing to flush. */
  #handshakeTimedOut(): void {
    const { [this.#handshake]: reason = 'opening handshake not finished in time' } = this.#reasons;
    this.#eventLog.note(eventTypes.reaped, this.#handshake);
    this.decide('reaped', reason, 'handshake-deadline');
    this.#resets = this.#handshake !== NO_MECHANISM && this.#manners[this.#handshake] === 'reset';
  }

  #carryOut(mechanism: number, closeCode: number): void {
    switch (this.#manners[mechanism] as VerdictManner) {
      case 'destroy':
        this.#endpoint.destroy();
        return;
      case 'reset':
        this.#resets = true;
        this.#endpoint.destroy();
        return;
      case 'close':
        this.#close(mechanism, closeCode);
        return;
      case 'flush':
        this.#flush(mechanism);
    }
  }

  #close(mechanism: number, code: number): void {
    this.#eventLog.note(eventTypes.closing, mechanism, code);
    this.#endpoint.close(code);
  }

  #flush(mechanism: number): void {
    const { queuedBytes } = this.#path;
    if (queuedBytes > 0) this.#eventLog.note(eventTypes.flushing, mechanism, queuedBytes);
    this.#onceWritten = 'destroy';
    this.written();
  }
}
