/**
 * A proxy process: it accepts a connection from the side of the client, opens one of its own towards the server, and hands on
 * what either sends. Each of the two connections has its own kernels, so acknowledgements and keepalive end here; what the
 * bytes say does not.
 *
 * It judges by its limits alone: so long without a byte in either direction, or from one side, or of such an age, and both
 * connections are closed.
 */
import type { Proxy } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { ERRNOS, type EventLog } from '../trace/event-log.ts';
import { eventTypes } from '../trace/event-types.ts';
import { Relay } from './relay.ts';

/** The side of a proxy that a socket belongs to. */
type Side = 'client' | 'server';

/** What a proxy is given. */
export interface ProxySurroundings {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  /** It stands at this place between client and server, from 0. */
  readonly place: number;
  /** It has ended the connection by a limit of its own. */
  gaveUp(by: string): void;
}

export class ProxyProcess {
  /** Owners of its two sockets, for the kernels. */
  readonly clientSide: SocketOwner;
  readonly serverSide: SocketOwner;
  readonly #around: ProxySurroundings;
  readonly #proxy: Proxy;
  readonly #toServer: Relay;
  readonly #toClient: Relay;
  readonly #limits: readonly Limit[];
  readonly #ageSlot: number;
  #clientSocket!: TcpSocket;
  #serverSocket!: TcpSocket;
  #isConnected = false;
  #isOpen = false;

  constructor(proxy: Proxy, around: ProxySurroundings) {
    this.#proxy = proxy;
    this.#around = around;
    this.#toServer = new Relay(proxy.bufferBytes);
    this.#toClient = new Relay(proxy.bufferBytes);
    const expire = (by: string): void => this.#giveUp(by);
    const { scheduler } = around;
    this.#limits = [
      new Limit(scheduler, 'idle limit', proxy.idleMs, ['client', 'server'], expire),
      new Limit(scheduler, 'limit on the client', proxy.clientIdleMs, ['client'], expire),
      new Limit(scheduler, 'limit on the server', proxy.serverIdleMs, ['server'], expire),
    ];
    this.#ageSlot = scheduler.slot(() => expire('age limit'));
    this.clientSide = this.#ownerOf('client');
    this.serverSide = this.#ownerOf('server');
  }

  /** Before the first life. */
  attach(clientSocket: TcpSocket, serverSocket: TcpSocket): void {
    this.#clientSocket = clientSocket;
    this.#serverSocket = serverSocket;
    this.#toServer.attach(clientSocket, serverSocket);
    this.#toClient.attach(serverSocket, clientSocket);
  }

  /** A new life: it waits for a client. */
  reset(): void {
    this.#isConnected = false;
    this.#isOpen = true;
    this.#toServer.reset();
    this.#toClient.reset();
    for (const limit of this.#limits) limit.reset();
    this.#around.scheduler.disarm(this.#ageSlot);
  }

  listen(): void {
    this.#clientSocket.setOptions({ TCP_NODELAY: 1, ...this.#proxy.socketOptions });
    this.#serverSocket.setOptions({ TCP_NODELAY: 1, ...this.#proxy.socketOptions });
    this.#clientSocket.listen();
  }

  #ownerOf(side: Side): SocketOwner {
    return {
      established: () => this.#established(side),
      readable: () => this.#move(),
      writable: () => this.#move(),
      peerFin: () => this.#endOfFile(side),
      failed: (_socket, errno) => this.#failed(side, errno),
      released: () => {},
    };
  }

  #established(side: Side): void {
    if (side === 'client') {
      this.#serverSocket.connect();
      return;
    }
    this.#isConnected = true;
    for (const limit of this.#limits) limit.start();
    const { ageMs } = this.#proxy;
    const { scheduler } = this.#around;
    if (ageMs !== undefined) scheduler.arm(this.#ageSlot, scheduler.nowUs + ageMs * 1000);
    this.#move();
  }

  /** Hands on what came, both ways: room on one side may be what the other waits for. */
  #move(): void {
    if (!this.#isConnected || !this.#isOpen) return;
    if (this.#toServer.pump()) this.#heard('client');
    if (this.#isOpen && this.#toClient.pump()) this.#heard('server');
    if (this.#isOpen) this.#endWhatIsOver();
  }

  #heard(side: Side): void {
    for (const limit of this.#limits) limit.heard(side);
  }

  #endOfFile(side: Side): void {
    (side === 'client' ? this.#toServer : this.#toClient).ends();
    this.#move();
  }

  /** One side has said all that it will: the other is told, and may go on or not. */
  #endWhatIsOver(): void {
    const { isOver: clientIsDone } = this.#toServer;
    const { isOver: serverIsDone } = this.#toClient;
    if (!clientIsDone && !serverIsDone) return;
    if (this.#proxy.halfClose === 'closes-both' || (clientIsDone && serverIsDone)) {
      this.#close();
      return;
    }
    (clientIsDone ? this.#serverSocket : this.#clientSocket).shutdownWrite();
  }

  #failed(side: Side, errno: Errno): void {
    if (!this.#isOpen) return;
    const { eventLog, place } = this.#around;
    const type = side === 'client' ? eventTypes.proxyLostClient : eventTypes.proxyLostServer;
    eventLog.note(type, place, ERRNOS.indexOf(errno));
    this.#close();
  }

  #giveUp(by: string): void {
    if (!this.#isOpen) return;
    const { eventLog, place } = this.#around;
    eventLog.note(eventTypes.proxyGaveUp, place);
    this.#around.gaveUp(by);
    this.#close();
  }

  #close(): void {
    this.#isOpen = false;
    for (const limit of this.#limits) limit.stop();
    this.#around.scheduler.disarm(this.#ageSlot);
    this.#clientSocket.close();
    this.#serverSocket.close();
  }
}

/** So long without a byte from the sides that it listens to. */
class Limit {
  readonly #scheduler: Scheduler;
  readonly #slot: number;
  readonly #lengthUs: number;
  readonly #sides: readonly Side[];
  #heardAtUs = 0;

  constructor(
    scheduler: Scheduler,
    by: string,
    lengthMs: number | null,
    sides: readonly Side[],
    expire: (by: string) => void,
  ) {
    this.#scheduler = scheduler;
    this.#lengthUs = lengthMs === null ? Infinity : lengthMs * 1000;
    this.#sides = sides;
    this.#slot = scheduler.slot(() => {
      const dueUs = this.#heardAtUs + this.#lengthUs;
      if (scheduler.nowUs < dueUs) scheduler.arm(this.#slot, dueUs);
      else expire(by);
    });
  }

  reset(): void {
    this.#scheduler.disarm(this.#slot);
  }

  start(): void {
    if (this.#lengthUs === Infinity) return;
    this.#heardAtUs = this.#scheduler.nowUs;
    this.#scheduler.arm(this.#slot, this.#heardAtUs + this.#lengthUs);
  }

  /** The timer is left where it is, and looks when it goes off. */
  heard(side: Side): void {
    if (this.#sides.includes(side)) this.#heardAtUs = this.#scheduler.nowUs;
  }

  stop(): void {
    this.#scheduler.disarm(this.#slot);
  }
}
