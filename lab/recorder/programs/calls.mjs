// The system calls of a recorder, one thread that waits in ppoll(2) and nowhere else. Numbers: include/uapi of Linux on x86-64 and arm64.
import koffi from 'koffi';
import { constants } from 'node:os';

const libc = koffi.load(null);

// EWOULDBLOCK and other second names stand behind the first.
const names = new Map(
  Object.entries(constants.errno)
    .map(([name, number]) => [number, name])
    .toReversed(),
);

/** The name of an errno. */
export const errnoName = (number) => names.get(number) ?? `errno ${number}`;

/** A call that throws what the kernel says against it. */
function must(prototype) {
  const name = /(\w+)\(/.exec(prototype)[1];
  const call = libc.func(prototype);
  return (...args) => {
    const result = Number(call(...args));
    if (result < 0) throw new Error(`${name}: ${errnoName(koffi.errno())}`);
    return result;
  };
}

/** A call whose failure is an answer: its result, or the errno's name. */
function may(prototype) {
  const call = libc.func(prototype);
  return (...args) => {
    const result = Number(call(...args));
    return result < 0 ? { errno: errnoName(koffi.errno()) } : { result };
  };
}

export const socket = must('int socket(int, int, int)');
export const bind = must('int bind(int, void *, uint32_t)');
export const listen = must('int listen(int, int)');
export const accept = must('int accept4(int, void *, void *, int)');
export const connect = may('int connect(int, void *, uint32_t)');
export const send = may('long send(int, void *, unsigned long, int)');
export const recv = may('long recv(int, void *, unsigned long, int)');
export const read = may('long read(int, void *, unsigned long)');
export const write = may('long write(int, void *, unsigned long)');
export const shutdown = may('int shutdown(int, int)');
export const close = may('int close(int)');
export const ioctl = must('int ioctl(int, unsigned long, void *)');
export const setns = must('int setns(int, int)');
export const unshare = must('int unshare(int)');
export const mount = must('int mount(str, str, str, unsigned long, str)');
export const mknod = must('int mknod(str, uint32_t, unsigned long)');
export const reboot = must('int reboot(int)');
const setScheduler = may('int sched_setscheduler(int, int, void *)');
const setsockopt = must('int setsockopt(int, int, int, void *, uint32_t)');
const getsockopt = must('int getsockopt(int, int, int, void *, void *)');
const ppoll = must('int ppoll(void *, unsigned long, void *, void *)');

// include/uapi/linux/sched.h
export const CLONE_NEWNET = 0x40000000;
const SCHED_FIFO = 1;

/** Before whatever else this machine has to do; false where it may not. */
export function inRealTime() {
  const priority = Buffer.alloc(4);
  priority.writeInt32LE(50);
  return setScheduler(0, SCHED_FIFO, priority).errno === undefined;
}

/** Sets an option: a number, or bytes. */
export function setOption(fd, level, number, value) {
  const bytes = typeof value === 'number' ? Buffer.alloc(4) : value;
  if (typeof value === 'number') bytes.writeInt32LE(value);
  setsockopt(fd, level, number, bytes, bytes.length);
}

/** The bytes of an option, as many as the kernel has of so many. */
export function getOption(fd, level, number, size) {
  const bytes = Buffer.alloc(size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size);
  getsockopt(fd, level, number, bytes, length);
  return bytes.subarray(0, length.readUInt32LE());
}

// include/uapi/asm-generic/poll.h
export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

const POLLFD_BYTES = 8;

/** Waits until something happens to one of the descriptors, `[fd, events]`, or so many ns have passed; what happened to each. */
export function poll(wanted, ns) {
  const fds = Buffer.alloc(Math.max(1, wanted.length) * POLLFD_BYTES);
  wanted.forEach(([fd, events], index) => {
    fds.writeInt32LE(fd, index * POLLFD_BYTES);
    fds.writeInt16LE(events, index * POLLFD_BYTES + 4);
  });
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(BigInt(Math.floor(ns / 1e9)), 0);
  time.writeBigInt64LE(BigInt(Math.floor(ns % 1e9)), 8);
  ppoll(fds, wanted.length, time, null);
  return wanted.map((_, index) => fds.readInt16LE(index * POLLFD_BYTES + 6));
}

/** CLOCK_MONOTONIC, ns. */
export const nowNs = () => Number(process.hrtime.bigint());
