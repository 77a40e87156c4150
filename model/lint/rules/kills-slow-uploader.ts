/** One long message at a low rate: nothing else passes inside it. */
import type { Mechanism } from '../../policy/types.ts';
import { indexOfEnding } from '../ask.ts';
import { IDLE } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { endsTheHealthy, isVerdict, endedAlive, quietOf } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { byWhom, inWords } from '../words.ts';

const NAME = 'kills-slow-uploader';
/** 900 kB at 20 kB/s. */
const UPLOAD = { kind: 'slow-uploader', messageBytes: 900_000, bytesPerSecond: 20_000 } as const;
const UPLOAD_MS = 45_000;
/** While a message arrives, bytes of it are read many times a second. */
const BYTES_ARRIVE_MS = 2_000;

function withAnyByte(one: Mechanism): Mechanism {
  return 'life' in one ? { ...one, life: ['any-byte'] } : one;
}

export const killsSlowUploader: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: 'A client that uploads one long message is reaped: its pong cannot pass inside it.',
  source: 'RFC 6455 §5.4; socketio/socket.io#1332; happner/happn#158',
  yieldsTo: endsTheHealthy,
  check: (subject) => {
    const life = { silence: UPLOAD, load: IDLE, lengthMs: UPLOAD_MS };
    const trials = endedAlive(subject, NAME, life, (seen) => {
      // Ended after the upload, for something else.
      if (!isVerdict(seen) || quietOf(seen) > BYTES_ARRIVE_MS) return null;
      const index = indexOfEnding(subject, seen.by);
      return {
        ...(subject.isLoadAssumed ? { severity: 'note' as const } : {}),
        path: mechanismPath(subject, index, 'life'),
        message: `A ${subject.peer} that sends one message of 900 kB in ${inWords(UPLOAD_MS)} is ended while it sends (${byWhom(seen.by)}): no pong and no other message passes inside a message.`,
        remedy: 'Take any received byte for life.',
        // Whatever else waits for a pong would be the next to end it.
        cure: subject.cure(subject.stated.mechanisms.map(withAnyByte)),
      };
    });
    return [{ trials }];
  },
};
