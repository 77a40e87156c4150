/** A server of which nothing is said. */
import { note } from '../trials.ts';
import type { ChainRule } from '../types.ts';

export const serverNotStated: ChainRule = {
  name: 'server-not-stated',
  severity: 'note',
  summary: 'The server says neither preset nor policy, so what it does is not judged.',
  source: 'The command line: what is not stated is not judged',
  check: ({ isServerStated, server }) =>
    isServerStated
      ? []
      : [
          note({
            path: `hops[${server.index}]`,
            message:
              'Not stated: what the server does to find the dead, and what it sends of its own. Nothing is said about it.',
            remedy: 'Name its preset (none, where it does nothing), or write its policy.',
          }),
        ],
};
