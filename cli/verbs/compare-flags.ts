/** The flags of `compare`. */
import type { GridFlags } from '../arguments/flags.ts';
import type { PresentationFlags } from '../output/present.ts';

/** The flags as typed. */
export interface CompareFlags extends GridFlags, PresentationFlags {
  /** Play this share only. */
  readonly shard?: string;
}
