/** Reads back what the kernel really holds for a socket, by a path of its own (not the adapter's). */
import koffi from 'koffi';
import type { Socket } from 'node:net';

const libc = koffi.load(null);
const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');

/** Option numbers of include/uapi/asm-generic/socket.h and include/uapi/linux/tcp.h: [level, name]. */
const OPTIONS = {
  keepalive: [1, 9],
  idleS: [6, 4],
  intervalS: [6, 5],
  probes: [6, 6],
  userTimeoutMs: [6, 18],
} as const;

export type SocketOptions = Record<keyof typeof OPTIONS, number>;

/** The keepalive options and the user timeout of an open TCP socket. */
export function socketOptions(socket: Socket): SocketOptions {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const read = ([level, option]: readonly [number, number]): number => {
    const value = new Int32Array(1);
    const length = new Uint32Array([4]);
    if (getsockopt(fd, level, option, value, length) !== 0) {
      throw new Error(`getsockopt(${level}, ${option}): errno ${koffi.errno()}`);
    }
    return value[0] ?? Number.NaN;
  };
  return {
    keepalive: read(OPTIONS.keepalive),
    idleS: read(OPTIONS.idleS),
    intervalS: read(OPTIONS.intervalS),
    probes: read(OPTIONS.probes),
    userTimeoutMs: read(OPTIONS.userTimeoutMs),
  };
}
