/** A server that is never told when to stop waiting. */
import { drainOf } from '../drain.ts';
import { graceMs } from '../grace.ts';
import { called } from '../link.ts';
import { adding } from '../cure.ts';
import { mechanismPath } from '../subject.ts';
import { note } from '../trials.ts';
import type { ChainRule } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

export const drainLeftToOrchestrator: ChainRule = {
  name: 'drain-left-to-orchestrator',
  severity: 'note',
  summary: 'Nothing says when the server stops waiting, so SIGKILL ends every stop with a ghost.',
  source: 'nodejs/node#53536: server.close() waits for upgraded sockets for ever',
  check: (subject) => {
    const { orchestrator, served, isServerStated } = subject;
    const leftMs = graceMs(subject);
    if (orchestrator === undefined || leftMs === null || drainOf(served) !== undefined) return [];
    if (!isServerStated) return [];
    const deadlineMs = roundDown(0.8 * Math.max(leftMs, 10));
    return [
      note({
        path: mechanismPath(served, undefined),
        message: `The policy has no drain: while one connection stands, the server does not stop, and ${called(orchestrator)} sends SIGKILL after ${inWords(leftMs)}.`,
        remedy: `Add a drain with a deadline below ${inWords(leftMs)}, e.g. ${inWords(deadlineMs)}.`,
        cure: adding(served, { kind: 'drain', deadlineMs }),
      }),
    ];
  },
};
