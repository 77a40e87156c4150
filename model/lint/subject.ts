/**
 * What the rules look at: a policy with the path it runs on, and a stack with its hops at hand. A policy
 * alone is looked at under every load on a path of 50 ms; in a stack, as it is effective there, under the load that
 * its applications have.
 */
import type { KernelSetting, Load } from '../scenario/types.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { PatchStep } from '../results/lint-schema.ts';
import type { Facts, Placed, Stack } from '../stack/index.ts';

/** A box or a proxy on the way. */
export type Box = Placed;

/** Where a mechanism of an effective policy is written; of a field of it, or as a whole. */
export type Place = (field?: string) => string;

/** A policy and the circumstances that its rules are judged by. */
export interface PolicySubject {
  /** As it is effective. */
  readonly policy: Policy;
  /** As it is stated: the file, or the preset. */
  readonly stated: Policy;
  /** Where each mechanism of the effective policy is written. */
  readonly places: readonly Place[];
  /** Path of all mechanisms. */
  readonly whole: string;
  /** Who is judged, and who judges. */
  readonly peer: string;
  readonly judge: string;
  /** Connections carry requests, and may be closed between two of them. */
  readonly isForRequests: boolean;
  readonly rttMs: number;
  /** Settings of the kernels; missing: the defaults. */
  readonly kernel?: Partial<KernelSetting>;
  /** What the application may be sending, the quietest first. */
  readonly loads: readonly Load[];
  /** Nobody says that its application ever sends much: what that leads to is a note. */
  readonly isLoadAssumed: boolean;
  /** The slowest reader that must be served. */
  readonly readerBytesPerSecond: number;
  /** Where the server runs; undefined = not said. */
  readonly platform: Facts['platform'];
  /** From the order to stop to SIGKILL: whoever is still connected is gone then; null = nobody kills. */
  readonly killedAfterMs: number | null;
  /** The change that gives the stated policy other mechanisms. */
  readonly cure: (mechanisms: readonly Mechanism[]) => readonly PatchStep[];
}

/** A stack with its hops by role. */
export interface StackSubject {
  readonly stack: Stack;
  /** From end to end. */
  readonly rttMs: number;
  readonly load: Load;
  readonly client: Placed;
  /** In order, the client's side first. */
  readonly boxes: readonly Box[];
  readonly server: Placed;
  readonly orchestrator: Placed | undefined;
  /** Whether the server says what it does. What is not stated is not judged. */
  readonly isServerStated: boolean;
  readonly served: PolicySubject;
}
