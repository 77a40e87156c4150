/**
 * Socket options of a connection that another process holds: its descriptor is found by the socket's inode in
 * /proc/PID/fd, duplicated with pidfd_getfd(2) and asked with getsockopt(2). Linux 5.6, root, the package koffi.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RecordedOptions } from './types.ts';

// include/uapi/asm-generic/unistd.h
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
// include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_USER_TIMEOUT = 18;

interface Koffi {
  load(path: null): { func(prototype: string): (...args: unknown[]) => number };
}

/** Which process holds the socket, and under which number. */
function holderOf(inode: string): { readonly pid: number; readonly fd: number } {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let descriptors: string[];
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue; // it has ended meanwhile
    }
    for (const fd of descriptors) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`) {
          return { pid: Number(pid), fd: Number(fd) };
        }
      } catch {
        // closed meanwhile
      }
    }
  }
  throw new Error(`no process holds socket ${inode}`);
}

/** The options of the socket with this inode, as the kernel has them now. */
export function socketOptionsOf(inode: string): RecordedOptions {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const libc = koffi.load(null);
  const syscall = libc.func('long syscall(long, long, long, long)');
  const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
  const close = libc.func('int close(int)');
  const { pid, fd } = holderOf(inode);
  const pidfd = Number(syscall(SYS_PIDFD_OPEN, pid, 0, 0));
  const copy = Number(syscall(SYS_PIDFD_GETFD, pidfd, fd, 0));
  if (pidfd < 0 || copy < 0) throw new Error(`pidfd_getfd of process ${pid} was refused`);
  const option = (level: number, name: number): number => {
    const value = new Int32Array(1);
    const length = new Uint32Array([4]);
    if (getsockopt(copy, level, name, value, length) !== 0) throw new Error(`getsockopt ${name}`);
    return value[0] as number;
  };
  const options: RecordedOptions = {
    keepalive:
      option(SOL_SOCKET, SO_KEEPALIVE) === 0
        ? null
        : {
            idleS: option(IPPROTO_TCP, TCP_KEEPIDLE),
            intervalS: option(IPPROTO_TCP, TCP_KEEPINTVL),
            probes: option(IPPROTO_TCP, TCP_KEEPCNT),
          },
    userTimeoutMs: option(IPPROTO_TCP, TCP_USER_TIMEOUT),
  };
  close(copy);
  close(pidfd);
  return options;
}
