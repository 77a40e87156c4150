/** The system calls of a script on the simulated socket: what each returns, as a number and an errno. */
import { Epoll, maskOf, PollIn, PollOut } from './epoll.ts';
import { isSocketOption, withoutEffect } from './options.ts';
import { blankInfo } from '../../sim/kernel/tcp-info.ts';
import {
  Msg,
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
  /** What it has written into its arguments, where the script has something else. */
  readonly instead?: string;
}

/** A call that blocks: what it has returned and when, as soon as it has. */
interface Pending {
  readonly name: string;
  readonly args: readonly string[];
  /** Of a write, what is left to be taken. */
  leftBytes: number;
  returned: Returned | null;
  atUs: number;
}

const ok = (result: number): Returned => ({ result, errno: null });
const failed = (errno: string): Returned => ({ result: -1, errno });
/** Success, unless what it has found is not what the script has. */
const found = (result: number, value: unknown, expected: unknown): Returned =>
  value === expected ? ok(result) : { result, errno: null, instead: String(value) };

/** A number of bytes among the arguments: a plain one, or the sum of an iovec. */
function bytesOf(args: readonly string[]): number {
  const vectors = [...args.join().matchAll(/\{\.\.\.,\s*(\d+)\}/g)];
  if (vectors.length > 0) return vectors.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Number(args[2] ?? 0);
}

/** The numbers in brackets of an argument, decimal or hexadecimal. */
function numbersOf(text: string): number[] {
  return [...text.matchAll(/-?(?:0x[\da-f]+|\d+)/gi)].map(([number]) => Number(number));
}

function flagsOf(args: readonly string[]): number {
  const text = args.join();
  return (
    (text.includes('MSG_MORE') ? Msg.MoreFollows : 0) |
    (text.includes('MSG_EOR') ? Msg.EndOfRecord : 0)
  );
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
  private pending: Pending | null = null;
  private readonly epoll = new Epoll();

  private get socket(): TcpSocket {
    if (this.host === null) throw new Error('the script has no host');
    return this.host.socket;
  }

  info(): TcpInfo {
    return this.socket.info(blankInfo());
  }

  /** A call on a descriptor that does not block; null = there is no such call, or not with these arguments. */
  call(name: string, args: readonly string[]): Returned | null {
    const made = this.calls[name];
    return made === undefined ? null : made(args);
  }

  /** Begins a call that blocks. */
  begin(name: string, args: readonly string[]): void {
    const leftBytes = bytesOf(args);
    this.pending = { name, args, leftBytes, returned: null, atUs: NaN };
    this.goOn();
  }

  /** What the blocking call has returned, and when; null = nothing yet. */
  ended(): { readonly returned: Returned; readonly atUs: number } | null {
    const { returned = null, atUs = NaN } = this.pending ?? {};
    return returned === null ? null : { returned, atUs };
  }

  /** Something has happened to the socket: the blocking call tries again. */
  private goOn(): void {
    const { pending } = this;
    if (pending === null || pending.returned !== null) return;
    pending.returned = this.attempt(pending);
    if (pending.returned !== null) pending.atUs = this.host?.scheduler.nowUs ?? 0;
  }

  private attempt(pending: Pending): Returned | null {
    const { name, args } = pending;
    const isWrite = ['write', 'send', 'sendto', 'sendmsg', 'writev'].includes(name);
    const returned = isWrite ? this.write(pending.leftBytes, flagsOf(args)) : this.call(name, args);
    if (returned === null) return failed('ENOSYS');
    if (returned.errno === 'EAGAIN' || returned.errno === 'EINPROGRESS') return null;
    if (['poll', 'epoll_wait'].includes(name) && returned.result === 0) return null;
    if (!isWrite || returned.result < 0) return returned;
    pending.leftBytes -= returned.result;
    return pending.leftBytes > 0 ? null : ok(bytesOf(args));
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
    getsockopt: (args) => this.getOption(args),
    ioctl: ([, name, value]) => {
      const [asked] = numbersOf(value ?? '');
      if (name === 'SIOCINQ') return found(0, this.socket.readableBytes, asked);
      return name === 'SIOCOUTQ' ? found(0, this.info().outqBytes, asked) : null;
    },
    write: (args) => this.send(args),
    writev: (args) => this.send(args),
    send: (args) => this.send(args),
    sendto: (args) => this.send(args),
    sendmsg: (args) => this.send(args),
    read: (args) => this.receive(args),
    recv: (args) => this.receive(args),
    recvfrom: (args) => this.receive(args),
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
    poll: ([text = '']) => {
      const asked = maskOf(/\bevents=([A-Z|]+)/.exec(text)?.[1] ?? '');
      const expected = maskOf(/revents=([A-Z|]+)/.exec(text)?.[1] ?? '');
      const ready = this.ready() & asked;
      return ready === 0 ? ok(0) : found(1, ready, expected);
    },
    epoll_create: () => ok(5),
    epoll_ctl: ([, how, , text = '']) => {
      if (how !== 'EPOLL_CTL_ADD') return null;
      this.epoll.add(/events=([A-Z|]+)/.exec(text)?.[1] ?? '', this.ready());
      return ok(0);
    },
    epoll_wait: ([, text = '']) => {
      const expected = maskOf(/events=([A-Z|]+)/.exec(text)?.[1] ?? '');
      const ready = this.epoll.wait(() => this.ready());
      return ready === 0 ? ok(0) : found(1, ready, expected);
    },
  };

  /** tcp_poll. */
  private ready(): number {
    const { socket } = this;
    const mayRead = socket.readableBytes > 0 || this.isEof || this.error !== null;
    return (mayRead ? PollIn : 0) | (socket.pollOut() ? PollOut : 0);
  }

  private setOption([, level, name = '', value = '']: readonly string[]): Returned | null {
    if (withoutEffect(level ?? '', name)) return ok(0);
    const [first = 0, second = 0] = numbersOf(value);
    if (!isSocketOption(name)) return null;
    if (name === 'SO_LINGER' && (first === 0 || second !== 0)) return null;
    const values: SocketOptionValues = { [name]: name === 'SO_LINGER' ? 0 : first };
    this.socket.setOptions(values);
    return ok(0);
  }

  private getOption([, , name = '', value = '']: readonly string[]): Returned | null {
    if (name === 'SO_ERROR') {
      const { error } = this;
      this.error = null;
      return found(0, error ?? '0', value.replace(/[[\]]/g, ''));
    }
    const [asked] = numbersOf(value);
    const kept = isSocketOption(name) ? this.socket.option(name) : null;
    return kept === null ? null : found(0, kept, asked);
  }

  /** sk_err: told once. */
  private failing(): Returned {
    const { error } = this;
    this.error = null;
    return failed(error ?? 'EPIPE');
  }

  private send(args: readonly string[]): Returned {
    if (args[1] === 'NULL') return failed('EFAULT');
    return this.write(bytesOf(args), flagsOf(args));
  }

  private write(bytes: number, flags: number): Returned {
    if (this.error !== null) return this.failing();
    if (this.isWriteShut || this.isClosed || this.socket.state === TcpState.Close) {
      return failed('EPIPE');
    }
    const taken = this.socket.write(bytes, flags);
    return taken === 0 && bytes > 0 ? failed('EAGAIN') : ok(taken);
  }

  private receive(args: readonly string[]): Returned {
    const { socket } = this;
    const bytes = bytesOf(args);
    if (socket.readableBytes > 0) {
      if (args[1] === 'NULL') return failed('EFAULT');
      return ok(socket.read(Math.min(bytes, socket.readableBytes)));
    }
    if (this.error !== null) return this.failing();
    if (this.isEof || this.isReadShut || socket.state === TcpState.Close) return ok(0);
    return failed('EAGAIN');
  }

  established(): void {
    this.isEstablished = true;
    this.goOn();
  }

  readable(): void {
    this.epoll.wake(PollIn);
    this.goOn();
  }

  writable(): void {
    this.epoll.wake(PollOut);
    this.goOn();
  }

  peerFin(): void {
    this.isEof = true;
    this.epoll.wake(PollIn | PollOut);
    this.goOn();
  }

  failed(_socket: TcpSocket, errno: Errno): void {
    this.error = errno;
    this.epoll.wake(PollIn | PollOut);
    this.goOn();
  }

  released(): void {}
}
