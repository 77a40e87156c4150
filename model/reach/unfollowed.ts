/**
 * What could still end a connection that the exploration lets live for ever: a kernel whose timers it has not followed, a mechanism that it has left out.
 * Where there is none, that nothing ends it is proved; else it is not known.
 */
import { Operation } from '../reaper/program.ts';
import type { Strike } from './aftermath.ts';
import { heardOfWrites } from './heard.ts';
import type { Setting } from './setting.ts';

/**
 * @param kernelFollowed whether the timers of what is in flight were followed
 * @param isEndless whether a life was found that goes round; else the longest one is there when the peer is back
 */
export function somethingUnfollowed(
  setting: Setting,
  strike: Strike,
  kernelFollowed: boolean,
  isEndless: boolean,
): boolean {
  const { writes, full, query, kernel, parts, limitsQueue, through, beats } = setting;
  const loaded = writes !== null || full !== null;
  if (limitsQueue && loaded) return true;
  if (strike.aftermath.oneWay !== null && kernel.keepalive !== null) return true;
  // One query fills nothing.
  const fills = loaded || parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
  const sends = fills || query !== null;
  // Behind proxies buffers fill in the end, and who heeds that is not followed.
  if (through?.leavesOut === true && isEndless && (sends || beats.length > 0)) return true;
  const { acknowledges } = strike.aftermath;
  // What nobody acknowledges the kernel gives up: a round without an end is one of states that were joined.
  if (kernelFollowed) return isEndless && sends && !acknowledges;
  // When the window of a peer that answers is shut, and what is written goes no further, is known from below only.
  const cares = Object.values(heardOfWrites(setting)).includes(true);
  if (acknowledges && writes !== null && cares) return true;
  // Whose process is gone, may reset what it gets.
  if (strike.processGone && (sends || kernel.keepalive !== null)) return true;
  // A kernel that answers keeps the connection, its window open or shut (RFC 9293 §3.8.6.1); but for a user timeout behind a shut one.
  return acknowledges ? fills && kernel.userTimeoutMs > 0 : sends;
}
