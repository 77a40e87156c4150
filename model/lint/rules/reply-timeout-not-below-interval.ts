/** Several pings under way at once. */
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords } from '../words.ts';

export const replyTimeoutNotBelowInterval: PolicyRule = {
  name: 'reply-timeout-not-below-interval',
  severity: 'note',
  summary: 'The next ping goes out before the patience for the last one is over.',
  source: 'RFC 6455 §5.5.3: a pong answers the most recent ping; dotnet/aspnetcore#44197',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((one, index) => {
      if (one.kind !== 'ping' || one.lost !== undefined || one.replyTimeoutMs === null) return [];
      const { intervalMs, replyTimeoutMs, after } = one;
      // After a reply there is no ping under way, and a ping that every byte puts off waits for one.
      if (after !== 'last-ping' || replyTimeoutMs <= intervalMs) return [];
      const pings = Math.ceil(replyTimeoutMs / intervalMs);
      return [
        note({
          path: mechanismPath(subject, index, 'replyTimeoutMs'),
          message: `A ping goes out every ${inWords(intervalMs)}, and its answer is waited for ${inWords(replyTimeoutMs)}: up to ${pings} are under way at once, and a pong without the ping's own bytes does not say which it answers.`,
          remedy: `Send the next ping after the reply to the last, or wait for no longer than ${inWords(intervalMs)}.`,
        }),
      ];
    }),
};
