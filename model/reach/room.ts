/** How long a silence may last before buffers may be full: of the send path behind a cut, or of a peer that does not read. */
import { INITIAL_CWND } from '../linux/constants.ts';
import type { Scenario } from '../scenario/types.ts';
import { fillTimesUs } from './buffers.ts';
import { heardOfWrites } from './heard.ts';
import type { Setting } from './setting.ts';
import type { Quiet } from './silence.ts';

/** A buffer's head is memory too: a small message takes as much room, bytes. */
const LEAST_ROOM_OF_A_MESSAGE = 700;

/** Whether anybody in the process, or the kernel's own end, cares about buffers that fill. */
export function heedsRoom(setting: Setting): boolean {
  const { messages, accepted, blocked, queue, acknowledgements } = heardOfWrites(setting);
  return (
    // What becomes of proxies whose buffers are full is not followed.
    setting.through !== null ||
    messages ||
    accepted ||
    blocked ||
    queue ||
    setting.limitsQueue ||
    acknowledgements ||
    setting.kernel.userTimeoutMs > 0
  );
}

/** When buffers may be full that somebody in the process, or the kernel's own end, cares about; null = nobody does. */
export function fullAfterUs(setting: Setting, scenario: Scenario, quiet: Quiet): number | null {
  const { writes } = setting;
  if (writes === null) return null;
  const { messages, accepted, blocked, queue } = heardOfWrites(setting);
  const cares =
    messages || accepted || blocked || queue || setting.limitsQueue || setting.through !== null;
  if (quiet.cut) return cares ? fillTimesUs(setting, scenario, null).blocked.lo : null;
  if (quiet.roomBytes === Infinity) return null;
  const hangsOnRoom = quiet.answers.library === 'passes';
  if (!heedsRoom(setting) && !hangsOnRoom) return null;
  const each = Math.max(writes.bytes, LEAST_ROOM_OF_A_MESSAGE);
  const room = Math.max(0, quiet.roomBytes - INITIAL_CWND * each);
  return Math.max(0, Math.floor(room / each) - 1) * writes.everyUs;
}
