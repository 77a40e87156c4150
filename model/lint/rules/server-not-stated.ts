/** A server of which nothing is said. */
import { called } from '../link.ts';
import { note } from '../trials.ts';
import type { StackRule } from '../types.ts';

export const serverNotStated: StackRule = {
  name: 'server-not-stated',
  severity: 'note',
  summary: 'The server is any server, and what it does is not judged.',
  source: 'The command line: what is not stated is not judged',
  check: ({ isServerStated, server }) =>
    isServerStated
      ? []
      : [
          note({
            path: called(server),
            message:
              'Not stated: what the server does to find the dead, and what it sends of its own. Nothing is said about it.',
            remedy: 'Name its system (none, where it does nothing), or the file of its policy.',
          }),
        ],
};
