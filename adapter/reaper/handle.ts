/** What every `attachReaper` answers: the reaper at work on one server, as its owner sees it. */
import { LifeBit } from '../../model/reaper/types.ts';
import type { Certificate } from '../../model/certificate/index.ts';
import type { Policy, PolicyInput } from '../../model/policy/index.ts';
import type { ReaperBound } from './bound.ts';
import type { ReaperHost } from './host.ts';
import type { Hosts } from './hosts.ts';
import type { ReaperStatus } from './mechanisms.ts';
import type { ReapEvent } from './options.ts';
import type { TimeListener } from './times.ts';

/** What is known of a policy at work. */
export interface AtWork {
  readonly policy: Policy;
  readonly status: ReaperStatus;
  readonly bound: ReaperBound;
  readonly connections: number;
  readonly reaped: number;
}

/** A reaper at work on one server with sockets of type `S`. Everything but `detach` is also safe after `detach`. */
export interface Handle<S> {
  /**
   * The policy as it runs on this machine: a mechanism that could not be switched on carries
   * `lost: 'timer'`, so that `bounds` and `verify` tell what is really promised here.
   */
  readonly policy: Policy;
  /** What is on, what is off and why, and counters. Made anew on each read. */
  readonly status: ReaperStatus;
  /**
   * B and T of what runs here, over every traffic that there was and is: how long a peer can be silent, a send path stuck, a closing
   * under way, before the process has decided; and which silence is never taken for death. Found when it is first asked for (some
   * milliseconds). What the kernel ends by itself hangs on round trips and is not in it.
   */
  readonly bound: ReaperBound;
  /** The same of each of the option `policies`. */
  readonly policies: Readonly<Record<string, AtWork>>;
  /** Connections under watch now. */
  readonly connections: number;
  /** Connections the policy has ended so far; those that the kernel ended are `status.kernelTimeouts`. */
  readonly reaped: number;
  /**
   * Runs another policy from now on, or another certificate's, on all connections that are under watch and on later ones; the options stay. All
   * clocks begin anew: a silence, an age and a send path that is stuck count from now on, a closing under way keeps its limit. What the kernel was told and
   * the new policy does not tell it is taken back. An opening under way loses its limit. Counts of `status.mechanisms` begin at 0; `reaped` goes on.
   * Throws InputError as attaching does, and then nothing has changed. After `detach` nothing happens.
   */
  setPolicy(policyOrCertificate: Policy | PolicyInput | Certificate): void;
  /**
   * Watches a connection that the server did not announce with its `connection` event. Watching twice is
   * harmless.
   */
  watch(socket: S): void;
  /** Tells a `send-stall` mechanism with `progress: 'application-ack'` that a message was sent. */
  messageSent(socket: S): void;
  /** Tells the same mechanism that the peer's application has acknowledged a message. */
  acknowledged(socket: S): void;
  /** Calls `listener` with every verdict, beside `onReap` and contained like it, until the function it answers is called. */
  observe(listener: (event: ReapEvent<S>) => unknown): () => void;
  /** Calls `listener` with round trips of pings, lags of the event loop and latencies of acknowledgements, contained like `onReap`. */
  observeTimes(listener: TimeListener): () => void;
  /** Bytes that user space holds of all watched connections; asks each. */
  queueBytes(): number;
  /**
   * How many of the watched connections are in CLOSE_WAIT: the peer has closed and this process has not.
   * Asks the kernel about each (less than 1 µs); undefined where TCP_INFO cannot be read.
   */
  closeWait(): number | undefined;
  /**
   * Takes away every listener and the timer; connections stay open, and socket options stay as they were
   * set. May be called again, and from within `onReap`.
   */
  detach(): void;
}

/** The handle of a server's reapers; `watch`, `setPolicy` and `detach` are the server's own business. */
export function handleOf<S extends object>(
  hosts: Hosts<S>,
  { watch, setPolicy, detach }: Pick<Handle<S>, 'watch' | 'setPolicy' | 'detach'>,
): Handle<S> {
  const policies = [...hosts.others].map(([name, host]) => [name, atWork(host)] as const);
  return {
    get policy() {
      return hosts.policy;
    },
    get status() {
      return hosts.status;
    },
    get bound() {
      return hosts.main.bound;
    },
    policies: Object.fromEntries(policies),
    get connections() {
      return hosts.connections;
    },
    get reaped() {
      return hosts.sum((host) => host.reaped);
    },
    setPolicy,
    watch,
    messageSent(socket) {
      const [host, watched] = hosts.find(socket) ?? [];
      if (watched !== undefined) host?.messageSent(watched);
    },
    acknowledged(socket) {
      const [host, watched] = hosts.find(socket) ?? [];
      if (watched !== undefined) host?.received(watched, LifeBit.ApplicationAck);
    },
    observe: (listener) => hosts.main.told.observe(listener),
    observeTimes: (listener) => hosts.main.times.observe(listener),
    queueBytes: () => hosts.sum((host) => host.queueBytes()),
    closeWait() {
      const counts = hosts.all.map((host) => host.closeWait());
      const known = counts.filter((count) => count !== undefined);
      return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
    },
    detach() {
      detach();
      hosts.detach();
    },
  };
}

function atWork<S extends object>(host: ReaperHost<S>): AtWork {
  return {
    policy: host.policy,
    get status() {
      return host.status;
    },
    get bound() {
      return host.bound;
    },
    get connections() {
      return host.connections;
    },
    get reaped() {
      return host.reaped;
    },
  };
}
