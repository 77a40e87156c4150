/** A grace that ends at a look. */
import { mechanismPath } from '../subject-of.ts';
import { changing } from '../cure.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords } from '../words.ts';

export const looksRoundUp: PolicyRule = {
  name: 'looks-round-up',
  severity: 'note',
  summary: 'A grace that is no whole number of looks is rounded up to one.',
  source: 'oven-sh/bun#2988: a granularity of 4 s that nobody states',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((one, index) => {
      if (one.kind !== 'send-stall' || one.lost !== undefined) return [];
      const { graceMs, everyMs } = one;
      // The age of an unanswered message is exact; only what is looked at is rounded.
      if (one.progress === 'application-ack' || graceMs % everyMs === 0) return [];
      const realMs = Math.ceil(graceMs / everyMs) * everyMs;
      return [
        note({
          path: mechanismPath(subject, index, 'graceMs'),
          message: `A grace of ${inWords(graceMs)}, looked at every ${inWords(everyMs)}, is ${inWords(realMs)} in effect.`,
          remedy: `Make it a whole number of looks, e.g. ${inWords(realMs)}.`,
          ...changing(subject, index, (same) => ({ ...same, graceMs: realMs }) as typeof same),
        }),
      ];
    }),
};
