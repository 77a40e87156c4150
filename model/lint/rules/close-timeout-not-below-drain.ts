/** A closing handshake that may take as long as the whole stop. */
import { indexOf } from '../ask.ts';
import { drainOf } from '../drain.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

export const closeTimeoutNotBelowDrain: StackRule = {
  name: 'close-timeout-not-below-drain',
  severity: 'note',
  summary: 'The closing handshake is waited for as long as the whole shutdown may take.',
  source: 'websockets/ws, lib/websocket.js, closeTimeout (30 s); Kubernetes, 30 s of grace',
  check: (subject) => {
    const { served } = subject;
    const index = indexOf(served, 'close-handshake');
    const handshake = served.policy.mechanisms[index];
    const limits = [drainOf(served)?.drain.deadlineMs ?? null, served.killedAfterMs];
    const leftMs = Math.min(...limits.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    if (handshake?.kind !== 'close-handshake' || handshake.timeoutMs === null) return [];
    if (handshake.timeoutMs < leftMs) return [];
    return [
      note({
        path: mechanismPath(served, index, 'timeoutMs'),
        message: `A client that does not answer its Close frame is waited for ${inWords(handshake.timeoutMs)}, and the whole shutdown has ${inWords(leftMs)}: one such client, or ghost, takes all of it and the process is killed.`,
        remedy: `Wait for less than ${inWords(leftMs)} (e.g. ${inWords(roundDown(leftMs / 3))}), and destroy the socket then.`,
      }),
    ];
  },
};
