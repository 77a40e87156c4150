/**
 * Coverage: whether a run came to the state that its scenario is there for (model/scenario/coverage-goals.ts says what
 * each state means). Only the one that the scenario names is watched for, and only where it can come about: a scenario
 * that names none costs nothing.
 */
import type { RareState } from '../../model/scenario/coverage-goals.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import { endSeq } from '../network/segment.ts';
import { TcpState } from '../kernel/types.ts';
import type { TcpSocket } from '../kernel/types.ts';
import type { Segment } from '../network/segment.ts';
import type { ClientProcess } from '../client/client.ts';
import type { ServerProcess } from '../server/server.ts';
import type { ConnectionRecord } from '../process/connection-record.ts';

/** What of a world it looks at. */
export interface Watched {
  readonly server: ServerProcess;
  readonly serverSocket: TcpSocket;
  readonly client: ClientProcess;
  readonly life: ConnectionRecord;
}

export class CoverageWatch {
  /** Whether this life has come to the state. */
  reached = false;
  readonly #state: RareState;
  readonly #world: Watched;
  #struck = false;
  /** One beyond the highest sequence number that the server has sent. */
  #nextSeq = 0;
  /** Stream offset of the first byte handed over after the fault. */
  #offsetThen = Infinity;

  constructor(state: RareState, world: Watched) {
    this.#state = state;
    this.#world = world;
  }

  reset(): void {
    this.reached = false;
    this.#struck = false;
    this.#nextSeq = 0;
    this.#offsetThen = Infinity;
  }

  /** Tells what a cycle can change before anything has struck. */
  walk(state: StateWalk): void {
    state.none(Number(this.#struck));
    state.same(Number(this.reached));
    this.#nextSeq = state.moves(Unit.ToClient, this.#nextSeq);
  }

  /** The story itself has brought a state about. */
  came(state: RareState): void {
    if (state === this.#state) this.reached = true;
  }

  /** The fault has struck, or the silence has begun. */
  struck(): void {
    const { server, life } = this.#world;
    this.#struck = true;
    this.#offsetThen = server.endOffset;
    if (server.outstandingBytes() === 0) this.came('nothing-in-flight');
    if (server.seats !== null && server.isServing) this.came('seat-held');
    if (life.ending === 'closed' && life.closedAtUs === Infinity) this.came('close-unanswered');
  }

  /** The server's kernel puts a segment on the wire. */
  sent(segment: Segment, arrives: boolean): void {
    if (this.reached) return;
    const again = segment.seq < this.#nextSeq;
    this.#nextSeq = Math.max(this.#nextSeq, endSeq(segment));
    if (segment.syn && again) this.came('syn-ack-again');
    if (!this.#struck) return;
    if (!arrives) this.came('packet-lost');
    if (again && segment.length > 0) this.came('retransmitting');
    const { serverSocket } = this.#world;
    const isOrphan = serverSocket.isOrphan && serverSocket.state === TcpState.FinWait1;
    if (again && isOrphan && (segment.length > 0 || segment.fin)) this.came('fin-wait-1');
    this.#look();
  }

  /** A segment has reached the server's kernel, and what it brought about has happened. */
  arrived(segment: Segment): void {
    if (this.reached || !this.#struck) return;
    const { serverSocket, server, client } = this.#world;
    if (segment.rst) this.came('reset-by-peer');
    if (segment.fin) this.came('end-of-file');
    if (segment.ack && segment.windowBytes === 0 && !segment.rst) this.came('zero-window');
    if (serverSocket.bytesAcked > this.#offsetThen) this.came('acknowledged-by-nobody');
    if (serverSocket.state === TcpState.CloseWait && server.isServing) this.came('close-wait');
    if (serverSocket.state === TcpState.FinWait2 && serverSocket.isOrphan) this.came('fin-wait-2');
    if (client.isUploading && segment.length > 0) this.came('message-unfinished');
    this.#look();
  }

  /** The silence is about to end, or the whole watch over a living peer. */
  ending(): void {
    if (this.reached) return;
    const { server, serverSocket } = this.#world;
    this.#look();
    if (!server.isServing) return;
    this.came('endured');
    if (server.outstandingBytes() > 0) this.came('data-before-ping');
    if (serverSocket.readableBytes > 0) this.came('unread-at-server');
  }

  /** The life is over. */
  over(): void {
    if (this.reached || !this.#struck) return;
    this.#look();
    if (this.#world.server.outstandingBytes() > 0) this.came('unsent-behind-dead-link');
  }

  /** What lasts, and can be seen at any time. */
  #look(): void {
    const { server, client } = this.#world;
    if (server.waitingBytes > 0) this.came('send-buffer-full');
    if (client.isPagePipeFull) this.came('page-pipe-full');
    if (client.hasPutOffTimers) this.came('timer-put-off');
  }
}
