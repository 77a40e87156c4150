/** Wake-ups of the process: what happened to its socket is told when the outermost kernel entry returns. */
import type { Kernel } from './machine.ts';
import type { Sock } from './tcp-sock.ts';

/** A segment, a timer or a system call enters the kernel. */
export function enter(kernel: Kernel): void {
  kernel.depth += 1;
}

/** Leaves the kernel; the outermost exit runs the process until it has no more news. */
export function leave(sk: Sock): void {
  const { kernel } = sk;
  if (kernel.depth === 1) {
    while (tell(sk));
  }
  kernel.depth -= 1;
}

/** One callback, in the order in which things happen to a connection; false when there is no news. */
function tell(sk: Sock): boolean {
  const { owner, handle } = sk;
  if (sk.newsEstablished) {
    sk.newsEstablished = false;
    owner.established(handle);
  } else if (sk.newsReadable) {
    sk.newsReadable = false;
    if (!sk.orphan) owner.readable(handle);
  } else if (sk.newsPeerFin) {
    sk.newsPeerFin = false;
    if (!sk.orphan) owner.peerFin(handle);
  } else if (sk.newsWritable) {
    sk.newsWritable = false;
    if (!sk.orphan) owner.writable(handle);
  } else if (sk.newsFailed !== null) {
    const error = sk.newsFailed;
    sk.newsFailed = null;
    if (!sk.orphan) owner.failed(handle, error);
  } else if (sk.newsReleased) {
    sk.newsReleased = false;
    owner.released(handle);
  } else {
    return false;
  }
  return true;
}
