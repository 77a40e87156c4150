/**
 * What the rules look at: a policy with the path it runs on, and a chain with its hops at hand. A policy
 * alone is looked at under every load on a path of 50 ms; in a chain, as it is effective there, under the load that
 * its application has.
 */
import type { KernelSetting } from '../scenario/types.ts';
import type {
  Chain,
  ClientHop,
  Hop,
  MiddleboxHop,
  OrchestratorHop,
  ProxyHop,
  ServerHop,
} from '../chain/types.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { PatchStep } from '../results/lint-schema.ts';
import type { Load } from '../scenario/types.ts';

/** A hop and its place in the chain. */
export interface Placed<H extends Hop> {
  readonly hop: H;
  readonly index: number;
}

/** A box on the way. */
export type Box = Placed<MiddleboxHop | ProxyHop>;

/** Where a mechanism of an effective policy is written. */
export interface Place {
  readonly path: string;
  /** The path is that of a field of the hop, and has none of the mechanism's fields below it. */
  readonly isField: boolean;
}

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
  /** A chain does not say that its application ever sends much: what that leads to is a note. */
  readonly isLoadAssumed: boolean;
  /** The slowest reader that must be served. */
  readonly readerBytesPerSecond: number;
  /** Where the server runs; undefined = not said. */
  readonly platform: ServerHop['platform'];
  /** From the order to stop to SIGKILL: whoever is still connected is gone then; null = nobody kills. */
  readonly killedAfterMs: number | null;
  /** The change that gives the stated policy other mechanisms. */
  readonly cure: (mechanisms: readonly Mechanism[]) => readonly PatchStep[];
}

/** A chain with its hops by kind. */
export interface ChainSubject {
  readonly chain: Chain;
  readonly client: Placed<ClientHop> | undefined;
  /** In order, the client's side first. */
  readonly boxes: readonly Box[];
  readonly server: Placed<ServerHop>;
  readonly orchestrator: Placed<OrchestratorHop> | undefined;
  /** Whether the server says what it does. What is not stated is not judged. */
  readonly isServerStated: boolean;
  readonly served: PolicySubject;
}
