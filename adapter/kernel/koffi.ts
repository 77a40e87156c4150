/**
 * The Linux backend: `setsockopt`, `getsockopt` and `ioctl` of the libc the process already runs on
 * (glibc or musl: `load(null)` binds whatever is there), called through the optional package `koffi`.
 *
 * A descriptor number is read from the socket on every call and never kept: once a socket is closed
 * the kernel gives the same number to the next one, and a kept number would touch a stranger.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { socketOptionTable, type SocketOptionName } from '../../model/linux/socket-options.ts';
import type { KeepaliveOptions, KernelBackend, Refusal, TcpInfo } from './types.ts';

// include/uapi/asm-generic/socket.h
const LEVELS = { SOL_SOCKET: 1, IPPROTO_TCP: 6 } as const;
// include/uapi/linux/tcp.h
const TCP_INFO = 11;
// include/uapi/linux/sockios.h: SIOCOUTQ is TIOCOUTQ, SIOCINQ is FIONREAD of asm-generic/ioctls.h
const SIOCOUTQ = 0x5411;
const SIOCINQ = 0x541b;

// struct tcp_info of include/uapi/linux/tcp.h. It only ever grows at its end; the kernel tells how
// much of it was filled. tcpi_bytes_acked is there since Linux 4.1.
const TCPI_STATE_OFFSET = 0;
const TCPI_LAST_DATA_RECV_OFFSET = 52;
const TCPI_LAST_ACK_RECV_OFFSET = 56;
const TCPI_BYTES_ACKED_OFFSET = 120;
const TCP_INFO_NEEDED_BYTES = TCPI_BYTES_ACKED_OFFSET + 8;
const TCP_INFO_ROOM_BYTES = 512;

/** Architectures with the numbers of asm-generic above and little-endian words. */
const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set([
  'x64',
  'ia32',
  'arm64',
  'arm',
  'riscv64',
  'loong64',
]);

const INSTALL_COMMAND = 'npm install koffi';

/** The few functions of koffi that are used, by their documented names. */
export interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => number };
  errno(): number;
}

/** Either the backend, or in words why this machine cannot have it. */
export type KoffiLoad =
  | { readonly ok: true; readonly backend: KernelBackend }
  | { readonly ok: false; readonly why: string };

/**
 * Loads koffi and binds libc; the cost (about 20 ms, once) is paid only by policies that need it.
 *
 * @param handedIn the package itself, where a bundler has it and `require` would not find it
 */
export function loadKoffiBackend(handedIn?: Koffi): KoffiLoad {
  const { platform, arch } = process;
  if (platform !== 'linux') return { ok: false, why: `it needs Linux, and this is ${platform}` };
  if (!KNOWN_ARCHITECTURES.has(arch)) {
    return { ok: false, why: `socket option numbers are not known for Linux on ${arch}` };
  }
  try {
    const koffi = handedIn ?? (createRequire(import.meta.url)('koffi') as Koffi);
    return { ok: true, backend: new KoffiBackend(koffi) };
  } catch (error) {
    return { ok: false, why: whyNotLoaded(error) };
  }
}

function whyNotLoaded(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'MODULE_NOT_FOUND') {
    return `it needs the optional package koffi, which is not installed; add it with: ${INSTALL_COMMAND}`;
  }
  // `--permission` and `--no-addons`: the package is there and may not be used.
  if (code === 'ERR_DLOPEN_DISABLED') {
    return 'it needs the package koffi, and this process may not load addons (--allow-addons)';
  }
  // A bundle has no address of its own to look packages up from.
  if (code === 'ERR_INVALID_ARG_VALUE') {
    return 'it needs the package koffi, which a bundle cannot look up; import it and hand it in as the option kernel';
  }
  const firstLine = String(message).split('\n', 1)[0];
  return `the package koffi did not load (${firstLine}); reinstall it with: ${INSTALL_COMMAND}`;
}

/** The descriptor of a socket at this very moment; -1 when it has none (closed, or not a real socket). */
function descriptorOf(socket: Socket): number {
  const handle = (socket as { _handle?: { fd?: unknown } | null })._handle;
  const fd = handle?.fd;
  return typeof fd === 'number' ? fd : -1;
}

class KoffiBackend implements KernelBackend {
  readonly name = 'koffi';
  readonly #koffi: Koffi;
  readonly #setsockopt: (...args: unknown[]) => number;
  readonly #getsockopt: (...args: unknown[]) => number;
  readonly #ioctl: (...args: unknown[]) => number;
  // Made once: a look at a socket must not allocate.
  readonly #int = new Int32Array(1);
  readonly #length = new Uint32Array(1);
  readonly #info = new Uint8Array(TCP_INFO_ROOM_BYTES);
  readonly #infoView = new DataView(this.#info.buffer);

  constructor(koffi: Koffi) {
    const libc = koffi.load(null);
    this.#koffi = koffi;
    this.#setsockopt = libc.func('int setsockopt(int, int, int, const void *, unsigned int)');
    this.#getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
    this.#ioctl = libc.func('int ioctl(int, unsigned long, ...)');
  }

  keepaliveRefusal(): Refusal {
    return undefined;
  }

  userTimeoutRefusal(): Refusal {
    return undefined;
  }

  samplingRefusal(): Refusal {
    return undefined;
  }

  setKeepalive(socket: Socket, options: KeepaliveOptions): Refusal {
    const fd = descriptorOf(socket);
    // SO_KEEPALIVE last: switching it on arms the timer, which then already has the right idle time
    // (tcp_set_keepalive). On a socket that is not TCP the first call fails and nothing is changed.
    return (
      this.#set(fd, 'TCP_KEEPIDLE', options.idleS) ??
      this.#set(fd, 'TCP_KEEPINTVL', options.intervalS) ??
      this.#set(fd, 'TCP_KEEPCNT', options.probes) ??
      this.#set(fd, 'SO_KEEPALIVE', 1)
    );
  }

  setUserTimeout(socket: Socket, timeoutMs: number): Refusal {
    const fd = descriptorOf(socket);
    return this.#set(fd, 'TCP_USER_TIMEOUT', timeoutMs);
  }

  sendQueueBytes(socket: Socket): number | undefined {
    const fd = descriptorOf(socket);
    if (fd < 0 || this.#ioctl(fd, SIOCOUTQ, 'int *', this.#int) !== 0) return undefined;
    return this.#int[0];
  }

  heardMsAgo(socket: Socket): number | undefined {
    if (!this.#readInfo(socket)) return undefined;
    const dataMs = this.#infoView.getUint32(TCPI_LAST_DATA_RECV_OFFSET, true);
    const waits = this.#ioctl(descriptorOf(socket), SIOCINQ, 'int *', this.#int) === 0;
    if (!waits || this.#int[0] === 0) return dataMs;
    return Math.min(dataMs, this.#infoView.getUint32(TCPI_LAST_ACK_RECV_OFFSET, true));
  }

  #readInfo(socket: Socket): boolean {
    const fd = descriptorOf(socket);
    this.#length[0] = TCP_INFO_ROOM_BYTES;
    if (fd < 0) return false;
    if (this.#getsockopt(fd, LEVELS.IPPROTO_TCP, TCP_INFO, this.#info, this.#length) !== 0)
      return false;
    return (this.#length[0] ?? 0) >= TCP_INFO_NEEDED_BYTES;
  }

  tcpInfo(socket: Socket, into: TcpInfo): boolean {
    if (!this.#readInfo(socket)) return false;
    into.state = this.#infoView.getUint8(TCPI_STATE_OFFSET);
    into.bytesAcked = Number(this.#infoView.getBigUint64(TCPI_BYTES_ACKED_OFFSET, true));
    return true;
  }

  #set(fd: number, name: SocketOptionName, value: number): Refusal {
    const { level, number } = socketOptionTable[name];
    if (fd < 0) return 'the socket has no descriptor of its own';
    this.#int[0] = value;
    if (this.#setsockopt(fd, LEVELS[level], number, this.#int, 4) === 0) return undefined;
    return `setsockopt(${name}, ${value}) failed with ${getSystemErrorName(-this.#koffi.errno())}`;
  }
}
