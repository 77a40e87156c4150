/**
 * T of a limit on the queue behind a send path that is always full. What the application writes has its place there; what may exceed the limit is pings and pongs that
 * wait: while the path goes on, those of a few round trips, and once it stands, one more for each that is due. So T is the time in which they are too many, less
 * what it takes until they have gone on.
 */
import { LifeBit } from '../reaper/types.ts';
import { lastInTimeUs, readsOn } from './blocked-sends.ts';
import { NotModelled } from './not-modelled.ts';
import { pingEveryUs } from './room.ts';
import type { Behind } from './saturated.ts';
import type { Setting } from './setting.ts';
import type { Quiet } from './silence.ts';
import type { ProvedTolerance } from './types.ts';

const US_PER_MS = 1_000;

/** A control frame of a server at most: 125 bytes of payload, and its head (RFC 6455 §5.5). */
const CONTROL_FRAME_BYTES = 127;

/**
 * @param setting the cell without its load
 * @throws NotModelled where a healthy connection may be ended
 */
export function waitingPings(
  setting: Setting,
  { takesUs, drainsUs, controlBytes }: Behind,
  quiet: Quiet | null,
): ProvedTolerance {
  const fillsUs = fillTimeUs(setting, controlBytes);
  if (fillsUs <= takesUs) throw new NotModelled('a limit on the queue that a load fills by itself');
  if (quiet === null || readsOn(quiet)) return proved(Infinity);
  if (quiet.cut) return proved(lastInTimeUs(setting, fillsUs - takesUs));
  // Who reads on, if slowly, has read what stood before a ping in so long.
  const { server, readsWithinUs } = quiet;
  const isRead = server === 'runs' && readsWithinUs > 0;
  if (isRead && readsWithinUs + takesUs < fillsUs) return proved(Infinity);
  return proved(Math.max(0, fillsUs - takesUs - drainsUs));
}

/** In how long no more control frames are handed over than there is room for; what pings, and what is answered. */
function fillTimeUs({ parts, beats }: Setting, controlBytes: number): number {
  const periodsUs = [
    ...parts.flatMap(({ region }) => pingEveryUs(region)),
    ...beats.flatMap(({ bits, everyUs }) => ((bits & LifeBit.Ping) === 0 ? [] : [everyUs])),
  ];
  if (periodsUs.length === 0) return controlBytes < 0 ? 0 : Infinity;
  // One of each may be due at once.
  const frames = Math.floor(controlBytes / CONTROL_FRAME_BYTES) - periodsUs.length;
  const perUs = periodsUs.reduce((sum, everyUs) => sum + 1 / everyUs, 0);
  return Math.max(0, Math.floor(frames / perUs));
}

function proved(us: number): ProvedTolerance {
  const ms = us / US_PER_MS;
  if (ms === Infinity) return { kind: 'proved', ms, by: 'nothing', path: [], work: 1, start: null };
  const path = [{ clock: 'pings that fill the queue, less what stands before them', ms }];
  return { kind: 'proved', ms, by: 'send-queue-limit', path, work: 1, start: null };
}
