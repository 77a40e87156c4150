/** Less time between ping and deadline than a write may take. */
import { pingPeriodMs } from '../../signs/rhythm.ts';
import { pingers } from '../../signs/sources.ts';
import { indexOf, working } from '../ask.ts';
import { IDLE } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'margin-below-write-wait';

export const marginBelowWriteWait: StackRule = {
  name: NAME,
  severity: 'warning',
  summary: 'From a ping to the read deadline there is less time than one write may take.',
  source: 'gorilla/websocket, examples/chat: pongWait 60 s, pingPeriod 54 s, writeWait 10 s',
  yieldsTo: ['limit-not-above-interval'],
  check: ({ served }) => {
    const { policy, rttMs } = served;
    const read = indexOf(served, 'receive-deadline');
    const deadline = working(served, 'receive-deadline');
    const write = working(served, 'write-deadline');
    const periods = pingers(policy).map((pinger) => pingPeriodMs(pinger, rttMs));
    if (deadline === undefined || write === undefined || periods.length === 0) return [];
    const periodMs = Math.min(...periods);
    const marginMs = deadline.timeoutMs - periodMs;
    if (marginMs <= 0 || marginMs >= write.timeoutMs) return [];
    const outage = { kind: 'outage', lengthMs: write.timeoutMs } as const;
    const life = { silence: outage, load: IDLE, lengthMs: write.timeoutMs, lives: 200 };
    const trials = endedAlive(served, NAME, life, ({ by }) =>
      by === 'receive-deadline'
        ? {
            path: mechanismPath(served, read, 'timeoutMs'),
            message: `A ping goes out every ${inWords(periodMs)}, and the read deadline is ${inWords(deadline.timeoutMs)}: ${inWords(marginMs)} remain for ping and pong, while a write may take ${inWords(write.timeoutMs)}. A client that is out of reach for no longer than that is cut off alive.`,
            remedy: `Ping at least every ${inWords(Math.max(1, deadline.timeoutMs - write.timeoutMs))}, or wait ${inWords(periodMs + write.timeoutMs)}.`,
          }
        : null,
    );
    return [{ trials }];
  },
};
