/**
 * A proxy process: it accepts a connection from the side of the client, opens one of its own towards the server, and hands on
 * what either sends. Each of the two connections has its own kernels, so acknowledgements and keepalive end here; what the
 * bytes say does not; but where it ends HTTP/2, pings do, too: it answers them, and may send its own.
 *
 * It judges by limits: so long without a byte in either direction, or from one side, or in one write, or of such an age, and both
 * connections are closed; and by its kernels, as it has set its sockets. A reload ends what is left of the old worker, all at once.
 */
import type { SocketOptionValues } from '../../model/linux/socket-options.ts';
import { kernelOptions, socketOptionValues } from '../../model/reaper/kernel-options.ts';
import { mechanismsOfSide } from '../../model/scenario/proxy-side.ts';
import type { Proxy, ProxyPing, ProxySide } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Errno, SocketOwner, TcpSocket } from '../kernel/types.ts';
import { endedByPeer } from '../process/connection-record.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import { Stream, type Draws } from '../random.ts';
import { ERRNOS, type EventLog } from '../trace/event-log.ts';
import { eventTypes, type EventType } from '../trace/event-types.ts';
import {
  CLIENT_PING_BYTES,
  CLIENT_PONG_BYTES,
  Frame,
  SERVER_PING_BYTES,
  SERVER_PONG_BYTES,
  type FrameQueue,
} from '../websocket/frames.ts';
import { Limit, type Side } from './limit.ts';
import { PingEnd } from './ping-end.ts';
import { Pinger } from './pinger.ts';
import { Relay } from './relay.ts';
import { WriteLimit } from './write-limit.ts';

/** Frames on their way on a connection, by direction. */
export interface Frames {
  readonly toClient: FrameQueue;
  readonly toServer: FrameQueue;
}

/** What a proxy is given. */
export interface ProxySurroundings {
  readonly scheduler: Scheduler;
  readonly eventLog: EventLog;
  /** It stands at this place between client and server, from 0. */
  readonly place: number;
  /** It has ended the connection by a limit of its own; `judged`: because it took one side for dead. */
  gaveUp(by: string, judged: boolean): void;
  /** Those of the connections on its two sides, where it answers pings; else they are the same. */
  readonly frames: Readonly<Record<Side, Frames>>;
  /** Counts what is sent on the server's own link; null = another party is between. */
  readonly cost: CostMeter | null;
}

export class ProxyProcess {
  /** Owners of its two sockets, for the kernels. */
  readonly clientSide: SocketOwner;
  readonly serverSide: SocketOwner;
  readonly #around: ProxySurroundings;
  readonly #proxy: Proxy;
  readonly #clientSocketOptions: SocketOptionValues;
  readonly #serverSocketOptions: SocketOptionValues;
  readonly #toServer: Relay;
  readonly #toClient: Relay;
  readonly #limits: readonly Limit[];
  readonly #writeLimits: readonly WriteLimit[];
  readonly #pingers: Readonly<Record<Side, Pinger>>;
  readonly #ageSlot: number;
  /** The next reload, and then the end of the old worker. */
  readonly #reloadSlot: number;
  #reloadInUs = Infinity;
  #isReloaded = false;
  #clientSocket!: TcpSocket;
  #serverSocket!: TcpSocket;
  #isConnected = false;
  #isOpen = false;
  /** The process does not run; what it missed waits until it does. */
  #isStopped = false;
  readonly #missed: (() => void)[] = [];

  constructor(proxy: Proxy, around: ProxySurroundings) {
    this.#proxy = proxy;
    this.#around = around;
    this.#toServer = new Relay(proxy.bufferBytes, this.#pingEnd('client'));
    this.#toClient = new Relay(proxy.bufferBytes, this.#pingEnd('server'));
    const expire = (by: string): void => this.#giveUp(by, false);
    const { scheduler } = around;
    this.#limits = [
      new Limit(scheduler, 'idle limit', proxy.idleMs, ['client', 'server'], expire),
      new Limit(scheduler, 'limit on the client', proxy.clientIdleMs, ['client'], expire),
      new Limit(scheduler, 'limit on the server', proxy.serverIdleMs, ['server'], expire),
    ];
    const { socketOptions, towardsClient, towardsServer } = proxy;
    const both = { TCP_NODELAY: 1, ...socketOptions };
    this.#clientSocketOptions = { ...both, ...optionsOf(towardsClient) };
    this.#serverSocketOptions = { ...both, ...optionsOf(towardsServer) };
    const blocked = (side: Side) => (): void => this.#giveUp(`blocked write to the ${side}`, true);
    this.#writeLimits = [
      new WriteLimit(scheduler, this.#toClient, towardsClient?.writeMs, blocked('client')),
      new WriteLimit(scheduler, this.#toServer, towardsServer?.writeMs, blocked('server')),
    ];
    const pinger = (side: Side, ping: ProxyPing | undefined): Pinger =>
      new Pinger(
        scheduler,
        ping,
        () => this.#ping(side),
        () => this.#giveUp(`ping to the ${side}`, true),
      );
    this.#pingers = {
      client: pinger('client', towardsClient?.ping),
      server: pinger('server', towardsServer?.ping),
    };
    this.#ageSlot = scheduler.slot(() => this.#whenRunning(() => expire('age limit')));
    this.#reloadSlot = scheduler.slot(() => this.#whenRunning(() => this.#reload()));
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
  reset(draws: Draws): void {
    const { reloads } = this.#proxy;
    this.#reloadInUs =
      reloads === undefined
        ? Infinity
        : draws.below(Stream.ProxyReload, this.#around.place, reloads.everyMs * 1000);
    this.#isReloaded = false;
    this.#isConnected = false;
    this.#isOpen = true;
    this.#isStopped = false;
    this.#missed.length = 0;
    this.#toServer.reset();
    this.#toClient.reset();
    for (const limit of this.#limits) limit.stop();
    for (const limit of this.#writeLimits) limit.stop();
    for (const pinger of this.#bothPingers) pinger.stop();
    this.#around.scheduler.disarm(this.#ageSlot);
    this.#around.scheduler.disarm(this.#reloadSlot);
  }

  get #bothPingers(): readonly Pinger[] {
    return [this.#pingers.client, this.#pingers.server];
  }

  listen(): void {
    this.#clientSocket.setOptions(this.#clientSocketOptions);
    this.#serverSocket.setOptions(this.#serverSocketOptions);
    this.#clientSocket.listen();
  }

  get isSuspended(): boolean {
    return this.#isStopped;
  }

  /** The process stops for ever; its kernels answer on. */
  freeze(): void {
    this.#stop(eventTypes.proxyFrozen);
  }

  /** The process does not run any more, until `goOn`. */
  stopRunning(): void {
    this.#stop(eventTypes.proxyStopped);
  }

  /**
   * It runs again: what came meanwhile is handed on before any timer is looked at, as event loops do it
   * (nginx, ngx_process_events_and_timers). A write that is still blocked has its time anew.
   */
  goOn(): void {
    if (!this.#isStopped) return;
    this.#around.eventLog.note(eventTypes.proxyGoesOn, this.#around.place);
    this.#isStopped = false;
    const missed = this.#missed.splice(0);
    this.#move();
    for (const act of missed) act();
    if (!this.#isConnected) return;
    for (const limit of this.#limits) if (this.#isOpen) limit.look();
    for (const pinger of this.#bothPingers) if (this.#isOpen) pinger.look();
  }

  /** The process dies: its kernels close both sockets for it. */
  crash(): void {
    this.#around.eventLog.note(eventTypes.proxyCrashed, this.#around.place);
    if (this.#isOpen) this.#close();
  }

  #stop(type: EventType): void {
    this.#around.eventLog.note(type, this.#around.place);
    this.#isStopped = true;
    for (const limit of this.#limits) limit.stop();
    for (const limit of this.#writeLimits) limit.stop();
    for (const pinger of this.#bothPingers) pinger.hold();
  }

  #whenRunning(act: () => void): void {
    if (this.#isStopped) this.#missed.push(act);
    else act();
  }

  #ownerOf(side: Side): SocketOwner {
    return {
      established: () => this.#whenRunning(() => this.#established(side)),
      readable: () => this.#move(),
      writable: () => this.#move(),
      peerFin: () => this.#endOfFile(side),
      failed: (_socket, errno) => this.#whenRunning(() => this.#failed(side, errno)),
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
    for (const pinger of this.#bothPingers) pinger.start();
    const { ageMs } = this.#proxy;
    const { scheduler } = this.#around;
    if (ageMs !== undefined) scheduler.arm(this.#ageSlot, scheduler.nowUs + ageMs * 1000);
    if (this.#reloadInUs !== Infinity) {
      scheduler.arm(this.#reloadSlot, scheduler.nowUs + this.#reloadInUs);
    }
    this.#move();
  }

  /** Hands on what came, both ways: room on one side may be what the other waits for. */
  #move(): void {
    if (!this.#isConnected || !this.#isOpen || this.#isStopped) return;
    this.#moveFrom('client', this.#toServer);
    if (this.#isOpen) this.#moveFrom('server', this.#toClient);
    for (const limit of this.#writeLimits) limit.look();
    if (this.#isOpen) this.#endWhatIsOver();
  }

  #moveFrom(side: Side, relay: Relay): void {
    const { readBytes } = relay;
    if (relay.pump()) this.#heard(side);
    if (relay.readBytes > readBytes) this.#pingers[side].heard();
  }

  /** What a proxy that ends HTTP/2 does with pings and answers from one side; null = they are bytes like any others. */
  #pingEnd(from: Side): PingEnd | null {
    if (this.#proxy.answersPings !== true) return null;
    const { frames } = this.#around;
    const [incoming, outgoing] =
      from === 'client'
        ? [frames.client.toServer, frames.server.toServer]
        : [frames.server.toClient, frames.client.toClient];
    return new PingEnd(incoming, outgoing, {
      pingRead: () => this.#answer(from),
      pongRead: () => this.#pingers[from].answered(),
    });
  }

  #answer(side: Side): void {
    this.#around.eventLog.note(eventTypes.proxyAnswered, this.#around.place);
    const bytes = side === 'client' ? SERVER_PONG_BYTES : CLIENT_PONG_BYTES;
    const end = this.#relayTo(side).insert(bytes, Frame.Pong);
    if (side === 'server') this.#around.cost?.ownFrame(false, end - bytes, end);
  }

  #ping(side: Side): void {
    this.#around.eventLog.note(eventTypes.proxyPinged, this.#around.place);
    const bytes = side === 'client' ? SERVER_PING_BYTES : CLIENT_PING_BYTES;
    this.#relayTo(side).insert(bytes, Frame.Ping);
  }

  #relayTo(side: Side): Relay {
    return side === 'client' ? this.#toClient : this.#toServer;
  }

  /** The connection belongs to the old worker from now on; no later reload concerns it. */
  #reload(): void {
    const { reloads } = this.#proxy;
    const { scheduler, eventLog, place } = this.#around;
    const graceMs = reloads?.graceMs ?? null;
    if (this.#isReloaded || graceMs === 0) {
      this.#giveUp('reload', false);
      return;
    }
    this.#isReloaded = true;
    eventLog.note(eventTypes.proxyReloaded, place);
    if (graceMs !== null) scheduler.arm(this.#reloadSlot, scheduler.nowUs + graceMs * 1000);
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
    if (!endedByPeer(errno)) this.#around.gaveUp(`${errno} towards the ${side}`, true);
    this.#close();
  }

  #giveUp(by: string, judged: boolean): void {
    if (!this.#isOpen) return;
    const { eventLog, place } = this.#around;
    eventLog.note(eventTypes.proxyGaveUp, place);
    this.#around.gaveUp(by, judged);
    this.#close();
  }

  #close(): void {
    this.#isOpen = false;
    for (const limit of this.#limits) limit.stop();
    for (const limit of this.#writeLimits) limit.stop();
    for (const pinger of this.#bothPingers) pinger.stop();
    this.#around.scheduler.disarm(this.#ageSlot);
    this.#around.scheduler.disarm(this.#reloadSlot);
    this.#clientSocket.close();
    this.#serverSocket.close();
  }
}

/** What it sets on its socket towards one side, by the names of setsockopt(2). */
function optionsOf(side: ProxySide | undefined): SocketOptionValues {
  return socketOptionValues(kernelOptions({ mechanisms: mechanismsOfSide(side) }));
}
