/** A proxy that keeps its side up for ever. */
import { at, called, pingsClient, quietAtBox } from '../link.ts';
import { note } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords } from '../words.ts';

export const proxyWithoutTimeout: StackRule = {
  name: 'proxy-without-timeout',
  severity: 'note',
  summary: 'A proxy has no idle timeout: only the server ends what stands behind it.',
  source: 'HAProxy configuration manual: timeout tunnel, client and client-fin have no default',
  yieldsTo: ['proxy-hides-client'],
  check: (subject) =>
    subject.boxes
      .filter(
        (box) => box.hop.role === 'proxy' && (box.hop.idleMs ?? null) === null && !pingsClient(box),
      )
      .map((box) => {
        const everyMs = quietAtBox(subject, box);
        const enough =
          everyMs === null ? '' : `, e.g. ${inWords(2 * everyMs)}, twice the heartbeat`;
        return note({
          path: at(box, ({ idleMs }) => idleMs),
          message: `${called(box)} never ends an idle connection: when a client vanishes, both of its sockets stand until the server ends its own.`,
          remedy: `Set an idle timeout (in HAProxy timeout tunnel and client-fin)${enough}.`,
        });
      }),
};
