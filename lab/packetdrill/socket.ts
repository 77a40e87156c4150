/** The system calls of a script on the simulated socket: what each returns, as a number and an errno. */
import { isSocketOption } from './options.ts';
import { blankInfo } from '../../sim/kernel/tcp-info.ts';
import {
  TcpState,
  type Errno,
  type KernelHost,
  type SocketOwner,
  type TcpInfo,
  type TcpSocket,
} from '../../sim/kernel/types.ts';
import type { SocketOptionValues } from '../../model/linux/socket-options.ts';

/** What a call returned. */
export interface Returned {
  readonly result: number;
  readonly errno: string | null;
}

const ok = (result: number): Returned => ({ result, errno: null });
const failed = (errno: string): Returned => ({ result: -1, errno });

/** A number of bytes among the arguments: a plain one, or the sum of an iovec. */
function bytesOf(args: readonly string[]): number {
  const vectors = [...args.join().matchAll(/\{\.\.\.,\s*(\d+)\}/g)];
  if (vectors.length > 0) return vectors.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Number(args[2] ?? 0);
}

/** The program of a script. Its socket and the one it accepts are one here; the listener's own end is not played. */
export class Program implements SocketOwner {
  host: KernelHost | null = null;
  private error: Errno | null = null;
  private isEstablished = false;
  private isEof = false;
  private isReadShut = false;
  private isWriteShut = false;
  private isClosed = false;
  private listener: string | null = null;

  private get socket(): TcpSocket {
    if (this.host === null) throw new Error('the script has no host');
    return this.host.socket;
  }

  info(): TcpInfo {
    return this.socket.info(blankInfo());
  }

  /** null = there is no such call, or not with these arguments. */
  call(name: string, args: readonly string[]): Returned | null {
    const made = this.calls[name];
    return made === undefined ? null : made(args);
  }

  private readonly calls: Readonly<Record<string, (args: readonly string[]) => Returned | null>> = {
    socket: () => ok(3),
    bind: () => ok(0),
    fcntl: () => ok(0),
    listen: ([fd = '']) => {
      this.listener = fd;
      this.socket.listen();
      return ok(0);
    },
    connect: () => {
      if (this.isEstablished) return ok(0);
      const { error } = this;
      if (error !== null) return this.failing();
      if (this.socket.state === TcpState.Close) this.socket.connect();
      return failed('EINPROGRESS');
    },
    accept: () => (this.isEstablished ? ok(4) : failed('EAGAIN')),
    setsockopt: (args) => this.setOption(args),
    getsockopt: ([, , name, value]) => {
      if (name !== 'SO_ERROR') return null;
      const { error } = this;
      this.error = null;
      return (value ?? '').replace(/[[\]]/g, '') === (error ?? '0') ? ok(0) : null;
    },
    ioctl: ([, name, value]) => {
      const asked = Number((value ?? '').replace(/[[\]]/g, ''));
      if (name === 'SIOCINQ') return this.socket.readableBytes === asked ? ok(0) : null;
      return name === 'SIOCOUTQ' && this.info().outqBytes === asked ? ok(0) : null;
    },
    write: (args) => this.write(bytesOf(args)),
    writev: (args) => this.write(bytesOf(args)),
    send: (args) => this.write(bytesOf(args)),
    sendto: (args) => this.write(bytesOf(args)),
    sendmsg: (args) => this.write(bytesOf(args)),
    read: (args) => this.read(bytesOf(args)),
    recv: (args) => this.read(bytesOf(args)),
    recvfrom: (args) => this.read(bytesOf(args)),
    shutdown: ([, how]) => {
      if (how !== 'SHUT_WR') this.isReadShut = true;
      if (how !== 'SHUT_RD') {
        this.isWriteShut = true;
        this.socket.shutdownWrite();
      }
      return ok(0);
    },
    close: ([fd]) => {
      if (this.listener !== null && fd === this.listener) return ok(0);
      this.isClosed = true;
      this.socket.close();
      return ok(0);
    },
  };

  private setOption([, , name = '', value = '']: readonly string[]): Returned | null {
    if (name === 'SO_REUSEADDR') return ok(0);
    const numbers = [...value.matchAll(/-?\d+/g)].map(Number);
    const [first = 0, second = 0] = numbers;
    if (!isSocketOption(name)) return null;
    if (name === 'SO_LINGER' && (first === 0 || second !== 0)) return null;
    const values: SocketOptionValues = { [name]: name === 'SO_LINGER' ? 0 : first };
    this.socket.setOptions(values);
    return ok(0);
  }

  /** sk_err: told once. */
  private failing(): Returned {
    const { error } = this;
    this.error = null;
    return failed(error ?? 'EPIPE');
  }

  private write(bytes: number): Returned {
    if (this.error !== null) return this.failing();
    if (this.isWriteShut || this.isClosed || this.socket.state === TcpState.Close) {
      return failed('EPIPE');
    }
    const taken = this.socket.write(bytes);
    return taken === 0 && bytes > 0 ? failed('EAGAIN') : ok(taken);
  }

  private read(bytes: number): Returned {
    const { socket } = this;
    if (socket.readableBytes > 0) return ok(socket.read(Math.min(bytes, socket.readableBytes)));
    if (this.error !== null) return this.failing();
    if (this.isEof || this.isReadShut || socket.state === TcpState.Close) return ok(0);
    return failed('EAGAIN');
  }

  established(): void {
    this.isEstablished = true;
  }

  readable(): void {}

  writable(): void {}

  peerFin(): void {
    this.isEof = true;
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    this.error = errno;
  }

  released(): void {}
}
