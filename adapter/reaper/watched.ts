/** One connection under watch: who it is, what judges it, and what was seen of it last. */
import type { ReaperInstance, SocketSample } from '../../model/reaper/types.ts';
import type { Channel } from './channel.ts';
import type { HeapEntry } from './deadline-heap.ts';
import type { SendPath } from './send-path.ts';
import type { Timed } from './times.ts';

/** One connection under watch. */
export interface Watched<S> extends HeapEntry, Timed {
  readonly socket: S;
  readonly channel: Channel;
  /** Judges it: by the whole policy while it is open, by what looks at closing connections afterwards. */
  instance: ReaperInstance;
  /** When its closing has taken long enough, µs; Infinity while it is open. */
  closesByUs: number;
  isClosing: boolean;
  /** Its looks at the send queue are left out, for nothing is queued. */
  rests: boolean;
  /** Asked at the opening: a socket that the kernel has ended no longer knows it. */
  readonly remoteAddress: string | undefined;
  readonly openedUs: number;
  /** On which its jitters hang. */
  readonly draw: number;
  lastReceivedUs: number;
  /** The last look at the socket; `queueBytes` is -1 before the first. */
  readonly sample: SocketSample;
  /** False once a look at the socket has failed: it is counted once. */
  readable: boolean;
  watching: boolean;
  /** Whether its send path is blocked, where the policy wants to know. */
  sendPath: SendPath | undefined;
  /** The verdict that waits, by its mechanism, and since when; -1 = none does. */
  heldMechanism: number;
  heldSinceUs: number;
  label: string | undefined;
  /** Removes the listeners that feed this connection. */
  unlisten: () => void;
}

/** A connection that is watched from `openedUs` on. */
export function watchedOf<S>(
  socket: S,
  channel: Channel,
  instance: ReaperInstance,
  openedUs: number,
): Watched<S> {
  return {
    socket,
    channel,
    instance,
    closesByUs: Infinity,
    isClosing: false,
    rests: false,
    remoteAddress: channel.rawSocket()?.remoteAddress,
    openedUs,
    draw: Math.random(),
    lastReceivedUs: openedUs,
    pingedUs: 0,
    sentUs: 0,
    sample: { queueBytes: -1, userQueueBytes: 0, bytesAcked: 0, established: true },
    readable: true,
    watching: true,
    sendPath: undefined,
    heldMechanism: -1,
    heldSinceUs: 0,
    label: undefined,
    unlisten: () => undefined,
    filedUs: Infinity,
    heapIndex: -1,
  };
}
