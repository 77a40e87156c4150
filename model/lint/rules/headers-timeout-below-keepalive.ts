/** A limit for the headers of a request that is shorter than the rest before it. */
import { indexOf, working } from '../ask.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords, roundUp } from '../words.ts';

export const headersTimeoutBelowKeepalive: PolicyRule = {
  name: 'headers-timeout-below-keepalive',
  severity: 'note',
  summary: 'The limit for the headers of a request is shorter than an idle connection is kept.',
  source: 'nodejs/node#27363: headersTimeout counted from the last request until Node 13',
  check: (subject) => {
    const headers = indexOf(subject, 'handshake-deadline');
    const kept = working(subject, 'idle');
    const limit = working(subject, 'handshake-deadline');
    if (kept === undefined || limit === undefined) return [];
    if (limit.timeoutMs > kept.timeoutMs) return [];
    const enoughMs = roundUp(kept.timeoutMs + 1_000);
    return [
      note({
        path: mechanismPath(subject, headers, 'timeoutMs'),
        message: `An idle connection is kept for ${inWords(kept.timeoutMs)}, and headers may take ${inWords(limit.timeoutMs)}: servers that count the second from the last request (Node before 13) reset the next one.`,
        remedy: `Let the headers have longer than the connection is kept, e.g. ${inWords(enoughMs)}.`,
      }),
    ];
  },
};
