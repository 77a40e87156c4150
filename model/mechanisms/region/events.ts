/**
 * What a region of the reaper is told: by the host, by the regions beside it, by its own parts.
 * One vocabulary for all kinds, so that one call of the host serves every mechanism of the policy.
 */

/** What the host tells the reaper. */
export type HostEvent =
  /** The process read something; `lifeBits` is a sum of LifeBit. */
  | { readonly type: 'RECEIVED'; readonly lifeBits: number }
  | { readonly type: 'PING_WRITTEN' }
  | { readonly type: 'MESSAGE_SENT' }
  /** The kernel took a message at once; user space begins to hold something; some or all of it moved on. */
  | { readonly type: 'SEND_ACCEPTED' }
  | { readonly type: 'SEND_BLOCKED' }
  | { readonly type: 'SEND_DRAINED'; readonly all: boolean }
  /** A request was handed over; an answer was read; somebody wants a pool's entry. */
  | { readonly type: 'REQUESTED' }
  | { readonly type: 'REPLIED' }
  | { readonly type: 'BORROWED' }
  /** A mechanism of the policy has sent a ping. */
  | { readonly type: 'PING_SENT' }
  /** The socket was looked at. */
  | ({ readonly type: 'SAMPLED' } & SampleReading)
  /** The connection is closing or gone. */
  | { readonly type: 'STOP' };

/**
 * A sample as a finite machine can take it: numbers compared, not kept. One for each mechanism that asked, in
 * their order: two verdicts on one event would contradict each other.
 */
export interface SampleReading {
  /** Who asked. */
  readonly mechanism: number;
  /** Nothing waits to be acknowledged or sent. */
  readonly queueEmpty: boolean;
  /** What the mechanism calls progress differs from its previous sample. */
  readonly moved: boolean;
  readonly established: boolean;
  /** User space holds more than the mechanism's soft limit; than its hard limit. */
  readonly overSoft: boolean;
  readonly overHard: boolean;
}

/** Within one mechanism: its clock ticked; it is to judge now; its ping was answered. */
export type InnerEvent =
  | { readonly type: `tick.${number}` }
  | { readonly type: `judge.${number}` }
  | { readonly type: `answered.${number}` };
