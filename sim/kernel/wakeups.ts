/** Wake-ups of the process: what happened to its socket is told when the outermost kernel entry returns. */
import { assert } from '../../model/assert.ts';
import type { Kernel } from './machine.ts';
import { News, type Sock } from './tcp-sock.ts';
import type { Errno } from './types.ts';

/** A segment, a timer or a system call enters the kernel. */
export function enter(kernel: Kernel): void {
  kernel.depth += 1;
}

/** Leaves the kernel; the outermost exit runs the process until it has no more news. */
export function leave(sk: Sock): void {
  const { kernel } = sk;
  if (kernel.depth === 1) while (sk.news !== 0) tellFirst(sk);
  kernel.depth -= 1;
}

/** The connection has failed: the process will be told the error. */
export function tellFailure(sk: Sock, error: Errno): void {
  sk.news |= News.Failed;
  sk.failedBy = error;
}

/** One callback: the first of the news, which may bring about others. Who has closed the descriptor hears only that the socket is gone. */
function tellFirst(sk: Sock): void {
  const { owner, handle, orphan } = sk;
  const first = sk.news & -sk.news;
  sk.news &= ~first;
  switch (first) {
    case News.Established:
      owner.established(handle);
      return;
    case News.Readable:
      if (!orphan) owner.readable(handle);
      return;
    case News.PeerFin:
      if (!orphan) owner.peerFin(handle);
      return;
    case News.Writable:
      if (!orphan) owner.writable(handle);
      return;
    case News.Failed: {
      const error = sk.failedBy;
      sk.failedBy = null;
      assert(error !== null, 'a failure has an error');
      if (!orphan) owner.failed(handle, error);
      return;
    }
    case News.Released:
      owner.released(handle);
      return;
    default:
      assert(false, `nobody is told ${first}`);
  }
}
