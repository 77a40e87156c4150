/**
 * What a kind of fault, and a kind of silence, says of itself: one object per kind, in a file of its own.
 * All that the rest of the house asks about a kind stands here, so a kind that forgets an answer does not compile.
 */
import type { Load } from '../schema/load.ts';
import type { Canonical, VariantWord } from '../schema/words.ts';
import type { Act } from './acts.ts';
import type { Choices } from './choices.ts';

/** Who chooses the instant of a fault. */
export type Instant =
  /** Nobody: it is spread over the rhythm of the connection. */
  | { readonly by: 'chance' }
  /** A box, once the flow has been idle for so long; what it then does. */
  | {
      readonly by: 'box';
      readonly idleMs: number;
      readonly onExpiry: 'drop' | 'reset-next' | 'reset-server' | 'reset-client' | 'fin-both';
    }
  /** The opening: it is never finished, and the last that is heard is a SYN, or TCP's handshake. */
  | { readonly by: 'opening'; readonly after: 'syn' | 'established' };

/** What a fault leaves of the other side. */
export interface Remains {
  /** A kernel there takes and acknowledges what comes, a frozen client's or a proxy's. */
  readonly acknowledges: boolean;
  /** The WebSocket library or network service there answers pings, until it holds all that it can. */
  readonly answersPings: boolean;
  /** What it says is still heard, though it hears nothing. */
  readonly isHeard: boolean;
  /** Whatever comes there is reset: by whom, and from when on. */
  readonly resets: null | { readonly by: 'host' | 'box'; readonly fromMs: number };
  /** Who ends the connection at once, and how the server learns of it; null = nobody does. */
  readonly ends: null | {
    readonly by: 'client' | 'box' | 'server';
    readonly with: 'close' | 'fin' | 'rst';
  };
  /** The server's kernel is told that its packets do not arrive: by ICMP, or by its own interface. */
  readonly kernelIsTold: boolean;
}

/** The silences that a fault may be taken for, until it is known not to end. */
export type Twin = 'outage' | 'host-sleep' | 'process-pause' | 'page-freeze';

/** What every kind of fault answers. */
export interface FaultFacts<F> {
  /** Who chooses its instant. */
  instant(fault: F): Instant;
  /** What it does at its instant. */
  acts(fault: F): readonly Act[];
  /** What it leaves of the other side. */
  remains(fault: F): Remains;
  /** What it leaves changes later, by what; missing = it does not. */
  readonly changes?: string;
  /** The silence that it would be if it ended; null where the peer, its host or a box says that it is gone. */
  asSilence(fault: F): Twin | null;
  /** How long its story goes on after its instant, ms. */
  lastsMs(fault: F): number;
  /** What a proxy takes of what is written, before its own buffer is full, bytes. */
  swallowsBytes?(fault: F): number;
  /** The client's host goes on where it stopped so long after it, ms. */
  wakesAfterMs?(fault: F): number;
  /** The client is back so long after it, as a new connection, ms. */
  returnsAfterMs?(fault: F): number;
  /** A router answers what the server sends with ICMP host unreachable. */
  readonly routerRefuses?: true;
  /** The server's own process has a part in it, so that it must run. */
  readonly serverActs?: true;
  /** No answer passes it: as a silence it is survived for a patience at most. */
  readonly passesNoAnswer: boolean;
  /** The client goes on reading as fast as it can: a load without limit is nothing but work. */
  readonly readsOn: boolean;
  /** One of them, drawn. */
  draw(choices: Choices): F;
}

/** Everything particular to one kind of fault: its schema, and what it says of each that is read by it. */
export type FaultKind<W extends VariantWord> = { readonly schema: W } & FaultFacts<Canonical<W>>;

/** Numbers of a drawn silence that several kinds have. */
export interface DrawnLengths {
  readonly lengthMs: number;
  readonly bytesPerSecond: number;
}

/** What every kind of silence answers. */
export interface SilenceFacts<S> {
  /** What it does when it begins, and when it is over. */
  begins(silence: S): readonly Act[];
  ends(silence: S): readonly Act[];
  /** How long it lasts, ms; null where nothing is silent. */
  lengthMs(silence: S): number | null;
  /**
   * How long the connection itself may need after it, ms: retransmissions have doubled while nothing was
   * heard, so the next may be as far away as the silence was long (RFC 6298 §5.5).
   */
  backsOffMs(silence: S): number;
  /** No answer passes it: it is survived for a patience at most. */
  readonly passesNoAnswer: boolean;
  /** The client goes on reading as fast as it can: a load without limit is nothing but work. */
  readonly readsOn: boolean;
  /** One of them, drawn. */
  draw(choices: Choices, lengths: DrawnLengths): S;
  /** As it is meant where only its length is given, and the loads under which it is; null where it has no length. */
  ofLength(lengthMs: number): { readonly silence: S; readonly loads: readonly Load[] } | null;
}

/** Everything particular to one kind of silence: its schema, and what it says of each that is read by it. */
export type SilenceKind<W extends VariantWord> = { readonly schema: W } & SilenceFacts<
  Canonical<W>
>;
