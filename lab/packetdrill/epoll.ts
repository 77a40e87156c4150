/** One descriptor that epoll(7) watches, and the events of poll(2). Source: fs/eventpoll.c ep_insert, ep_poll_callback, ep_send_events. */

export const PollIn = 1;
export const PollOut = 4;

/** Events by their names, those of poll(2) and those of epoll(7). */
export function maskOf(names: string): number {
  const has = (name: string): boolean => new RegExp(`\\b(?:E)?${name}\\b`).test(names);
  return (has('POLLIN') ? PollIn : 0) | (has('POLLOUT') ? PollOut : 0);
}

export class Epoll {
  private watched = 0;
  private isEdgeTriggered = false;
  /** Whether it is on the list of those that may be ready. */
  private isListed = false;

  /** EPOLL_CTL_ADD: looked at at once. */
  add(names: string, ready: number): void {
    this.watched = maskOf(names);
    this.isEdgeTriggered = names.includes('EPOLLET');
    this.isListed = (ready & this.watched) !== 0;
  }

  /** Something has happened to the descriptor. */
  wake(events: number): void {
    if ((events & this.watched) !== 0) this.isListed = true;
  }

  /** epoll_wait(2) without waiting: what is ready of what is watched; an edge is told once. */
  wait(ready: () => number): number {
    if (!this.isListed) return 0;
    const found = ready() & this.watched;
    this.isListed = found !== 0 && !this.isEdgeTriggered;
    return found;
  }
}
