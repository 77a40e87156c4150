/** Two simulated kernels joined by a wire, for the kernel's own tests. */
import type { SocketOptionValues } from '../../model/linux/socket-options.ts';
import type { KernelOptions } from '../../model/mechanisms/kind.ts';
import { socketOptionValues } from '../../model/reaper/kernel-options.ts';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import type { Scheduler } from '../../sim/clock/types.ts';
import { createKernelHost } from '../../sim/kernel/endpoint.ts';
import { blankSegment, type MutableSegment } from '../../sim/network/segment.ts';
import type { Sock } from '../../sim/kernel/tcp-sock.ts';
import { blankInfo } from '../../sim/kernel/tcp-info.ts';
import type {
  Errno,
  KernelConfig,
  KernelHost,
  SocketOwner,
  TcpInfo,
  TcpSocket,
} from '../../sim/kernel/types.ts';
import type { Segment } from '../../sim/network/segment.ts';
import { createPath, type Path } from '../../sim/network/path.ts';

/** Anything a host sent. */
export interface Sent {
  readonly atUs: number;
  readonly jiffy: number;
  readonly fromServer: boolean;
  readonly why: string;
  readonly seq: number;
  readonly length: number;
  readonly flags: string;
  readonly arrives: boolean;
}

export class Owner implements SocketOwner {
  establishedUs: number | null = null;
  failure: { errno: Errno; atUs: number } | null = null;
  releasedUs: number | null = null;
  peerFinUs: number | null = null;
  reading = true;
  /** Bytes still to be handed to the socket. */
  backlog = 0;
  private readonly scheduler: Scheduler;
  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }
  established(): void {
    this.establishedUs = this.scheduler.nowUs;
  }
  readable(socket: TcpSocket): void {
    if (this.reading) socket.read(socket.readableBytes);
  }
  writable(socket: TcpSocket): void {
    this.backlog -= socket.write(this.backlog);
  }
  peerFin(): void {
    this.peerFinUs = this.scheduler.nowUs;
  }
  failed(_socket: TcpSocket, errno: Errno): void {
    this.failure = { errno, atUs: this.scheduler.nowUs };
  }
  released(): void {
    this.releasedUs = this.scheduler.nowUs;
  }
}

/** Socket options as the tests write them: a mechanism's, or by the names of setsockopt(2). */
export type PairSocket = KernelOptions & SocketOptionValues;

/** By the names of setsockopt(2); TCP_NODELAY as every process here sets it. */
export function valuesOf({
  keepalive,
  userTimeoutMs,
  ...named
}: PairSocket = {}): SocketOptionValues {
  const mechanisms = {
    ...(keepalive !== undefined && { keepalive }),
    ...(userTimeoutMs !== undefined && { userTimeoutMs }),
  };
  return { TCP_NODELAY: 1, ...socketOptionValues(mechanisms), ...named };
}

export interface PairOptions {
  readonly rttUs?: number;
  readonly config?: Partial<KernelConfig>;
  readonly server?: PairSocket;
  readonly client?: PairSocket;
  readonly scheduler?: Scheduler;
}

export class Pair {
  readonly scheduler: Scheduler;
  readonly path: Path;
  readonly server: KernelHost;
  readonly client: KernelHost;
  readonly serverOwner: Owner;
  readonly clientOwner: Owner;
  readonly sent: Sent[] = [];
  /** Why the server's socket changed its state. */
  readonly serverChanges: string[] = [];
  readonly config: KernelConfig;

  constructor(options: PairOptions = {}) {
    const scheduler = options.scheduler ?? createScheduler();
    this.scheduler = scheduler;
    const oneWayUs = Math.floor((options.rttUs ?? 500) / 2);
    this.config = {
      hz: 250,
      profile: '6.18',
      jiffiesAtZero: 2 ** 32,
      sysctls: {},
      ...options.config,
    };
    this.path = createPath(scheduler, { toClientUs: oneWayUs, toServerUs: oneWayUs }, (segment) =>
      (segment.fromServer ? this.client : this.server).receive(segment),
    );
    this.serverOwner = new Owner(scheduler);
    this.clientOwner = new Owner(scheduler);
    this.server = this.host(true, this.serverOwner);
    this.client = this.host(false, this.clientOwner);
    this.server.socket.setOptions(valuesOf(options.server));
    this.client.socket.setOptions(valuesOf(options.client));
  }

  private host(isServer: boolean, owner: Owner): KernelHost {
    const observer = {
      transmitted: (segment: Segment, why: string): void => {
        const wire = segment.fromServer ? this.path.toClient : this.path.toServer;
        const letters: [boolean, string][] = [
          [segment.syn, 'S'],
          [segment.fin, 'F'],
          [segment.rst, 'R'],
          [segment.ack, '.'],
        ];
        this.sent.push({
          atUs: this.scheduler.nowUs,
          jiffy: this.jiffy(this.scheduler.nowUs),
          fromServer: segment.fromServer,
          why,
          seq: segment.seq,
          length: segment.length,
          flags: letters.map(([on, letter]) => (on ? letter : '')).join(''),
          arrives: !wire.cut,
        });
      },
      stateChanged: (_socket: TcpSocket, _from: number, _to: number, why: string): void => {
        if (isServer) this.serverChanges.push(why);
      },
    };
    const transmit = (segment: Segment): void => {
      (segment.fromServer ? this.path.toClient : this.path.toServer).send(segment);
    };
    return createKernelHost(this.scheduler, isServer, owner, transmit, this.config, observer);
  }

  jiffy(atUs: number): number {
    return Math.floor(this.config.jiffiesAtZero + (atUs * this.config.hz) / 1e6);
  }

  /** Completes the handshake and lets it settle. */
  connect(settleUs = 0): this {
    this.server.socket.listen();
    this.client.socket.connect();
    this.runFor(1_000_000 + settleUs);
    return this;
  }

  cut(on = true): void {
    this.path.toClient.cut = on;
    this.path.toServer.cut = on;
  }

  /** The server writes `bytes` as its socket takes them. */
  send(bytes: number): void {
    this.serverOwner.backlog += bytes;
    this.serverOwner.writable(this.server.socket);
  }

  /**
   * A segment reaches the server that the client's kernel never sent: the test plays the peer. Unless said
   * otherwise it is a bare ACK of all that was acknowledged so far, with a wide window.
   */
  inject(fields: Partial<MutableSegment> = {}): void {
    const sk = recordOf(this.server);
    const timestampMs = recordOf(this.client).kernel.clockMs();
    const usual = {
      ack: true,
      seq: sk.rcvNxt,
      ackSeq: sk.sndUna,
      windowBytes: 65_535,
      timestampMs,
    };
    this.server.receive({ ...blankSegment(), ...usual, ...fields });
  }

  /** The handshake by hand, `rttUs` long, and a cut wire: from here on the test is the peer. */
  connectByHand(rttUs: number): this {
    this.cut();
    this.server.socket.listen();
    this.inject({ syn: true, ack: false, seq: 0 });
    this.runFor(rttUs);
    this.inject({ seq: 1, ackSeq: 1 });
    return this;
  }

  runFor(us: number): void {
    this.scheduler.run(this.scheduler.nowUs + us);
  }

  info(host: KernelHost = this.server): TcpInfo {
    return host.socket.info(blankInfo());
  }

  /** What the server sent since `fromUs`, by the rule that sent it. */
  fromServer(fromUs: number, why?: string): Sent[] {
    return this.sent.filter(
      (one) => one.fromServer && one.atUs >= fromUs && (why === undefined || one.why === why),
    );
  }
}

/** The kernel's own record of a host's socket. */
export function recordOf(host: KernelHost): Sock {
  return (host.socket as unknown as { sk: Sock }).sk;
}
