/** What faults have in common in what they leave of the other side. */
import type { Remains } from './kind.ts';

/** Nothing of the other side is heard any more, and nothing arrives there. */
export const NOTHING: Remains = {
  acknowledges: false,
  answersPings: false,
  isHeard: false,
  resets: null,
  ends: null,
  kernelIsTold: false,
};

/** A kernel takes and acknowledges all that comes; nobody answers it. */
export const KERNEL: Remains = { ...NOTHING, acknowledges: true };
