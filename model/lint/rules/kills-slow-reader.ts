/** A reader that is slow and steady, behind a full send path. */
import { indexOfEnding } from '../ask.ts';
import { mechanismPath } from '../subject-of.ts';
import { endsTheHealthy, isVerdict, endedAlive, quietOf } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { byWhom, measured } from '../words.ts';

const NAME = 'kills-slow-reader';
const SLOW_MS = 75_000;

export const killsSlowReader: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: 'A client that reads slowly but steadily of a full send path is reaped.',
  source: 'socketio/socket.io#2666, #2769; sockjs/sockjs-node#169; net.ipv4.tcp_wmem',
  yieldsTo: [...endsTheHealthy, 'kills-steady-queue'],
  check: (subject) => {
    const { readerBytesPerSecond: bytesPerSecond } = subject;
    const trials = subject.loads
      .filter(({ kind }) => kind === 'saturated')
      .flatMap((load) => {
        const silence = { kind: 'slow-reader', bytesPerSecond, lengthMs: SLOW_MS } as const;
        return endedAlive(subject, NAME, { silence, load, lengthMs: SLOW_MS }, (seen) =>
          !isVerdict(seen)
            ? null
            : {
                ...(subject.isLoadAssumed ? { severity: 'note' } : {}),
                path: mechanismPath(subject, indexOfEnding(subject, seen.by)),
                message: `A ${subject.peer} that reads ${bytesPerSecond} bytes a second of a full send path is ended alive (${byWhom(seen.by)}, ${measured(quietOf(seen))} after its last byte): what is asked of it or written to it stands behind all that is queued.`,
                remedy:
                  'Cap what is queued for one peer so that it drains within the patience, or take progress of acknowledged bytes for life.',
              },
        );
      });
    return [{ trials }];
  },
};
