/** A server that is never told when to stop waiting. */
import { drainOf } from '../drain.ts';
import { called } from '../link.ts';
import { adding, changing } from '../cure.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

export const drainLeftToOrchestrator: StackRule = {
  name: 'drain-left-to-orchestrator',
  severity: 'note',
  summary:
    'Nothing says when the server stops waiting, so SIGKILL ends every stop with a connection.',
  source:
    'nodejs/node#53536: server.close() waits for upgraded sockets for ever; almond-bot/axol#249',
  check: (subject) => {
    const { orchestrator, served, isServerStated } = subject;
    const leftMs = served.killedAfterMs;
    const found = drainOf(served);
    if (orchestrator === undefined || leftMs === null || !isServerStated) return [];
    if (found !== undefined && found.drain.deadlineMs !== null) return [];
    const deadlineMs = roundDown(0.8 * Math.max(leftMs, 10));
    const until = `while one connection stands, a living one too, the server does not stop, and ${called(orchestrator)} sends SIGKILL after ${inWords(leftMs)}`;
    if (found === undefined) {
      return [
        note({
          path: mechanismPath(served, undefined),
          message: `The policy has no drain: ${until}.`,
          remedy: `Add a drain with a deadline below ${inWords(leftMs)}, e.g. ${inWords(deadlineMs)}.`,
          cure: adding(served, { kind: 'drain', deadlineMs }),
        }),
      ];
    }
    return [
      note({
        path: mechanismPath(served, found.index, 'deadlineMs'),
        message: `The drain has no deadline: ${until}.`,
        remedy: `Give the drain a deadline below ${inWords(leftMs)}, e.g. ${inWords(deadlineMs)}, and destroy what is left at it.`,
        ...changing(served, found.index, (one) =>
          one.kind === 'drain' ? { ...one, deadlineMs } : one,
        ),
      }),
    ];
  },
};
