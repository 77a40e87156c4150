/** How long a silence may last before buffers may be full: of the send path behind a cut, or of a peer that does not read. */
import { INITIAL_CWND } from '../linux/constants.ts';
import type { Scenario } from '../scenario/types.ts';
import { fillTimesUs } from './buffers.ts';
import { Operation } from '../reaper/program.ts';
import type { Region } from '../reaper/region.ts';
import { heardOfWrites } from './heard.ts';
import type { Setting } from './setting.ts';
import { answersStop, type Quiet } from './silence.ts';

/** What the receive window of a process that reads nothing surely takes, bytes. */
const WINDOW_BYTES = 48_000;

/** A buffer's head is memory too: a small message takes as much room, bytes. */
const LEAST_ROOM_OF_A_MESSAGE = 700;

/** Whether anybody in the process, or the kernel's own end, cares about buffers that fill. */
export function heedsRoom(setting: Setting): boolean {
  const { messages, accepted, blocked, queue, acknowledgements } = heardOfWrites(setting);
  if (setting.behind !== null) return false;
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

/**
 * Before a process that stands still, what is said to it piles up, and in the end proxies read no more of it: how long they surely do, µs. Infinity where there are
 * none, or nobody speaks; what the server writes is reckoned by itself.
 */
export function pilesUpAfterUs(setting: Setting, scenario: Scenario, quiet: Quiet | null): number {
  const { beats, parts, through } = setting;
  if (through === null || quiet === null) return Infinity;
  const isServer = quiet.server !== 'runs';
  const isClient = !quiet.cut && quiet.roomBytes !== Infinity && quiet.answers.library !== 'passes';
  if (!isServer && !isClient) return Infinity;
  const { load } = scenario;
  const said = load.kind === 'periodic' ? load.bytes : 0;
  const bytes = Math.max(LEAST_ROOM_OF_A_MESSAGE, through.heartbeatBytes, said);
  const periodsUs = isServer
    ? beats.map(({ everyUs }) => everyUs)
    : parts.flatMap(({ region }) => pingEveryUs(region));
  const perUs = periodsUs.reduce((sum, everyUs) => sum + bytes / everyUs, 0);
  return perUs > 0 ? Math.floor(WINDOW_BYTES / perUs) : Infinity;
}

/** How often a mechanism pings, at the most. */
export function pingEveryUs({ program, clockUs, intervalUs }: Region): number[] {
  if (!program.codes.includes(Operation.Ping)) return [];
  return [Math.min(...[...clockUs, intervalUs].filter((us) => us > 0))];
}

/** When buffers may be full that somebody in the process, or the kernel's own end, cares about; null = nobody does. */
export function fullAfterUs(setting: Setting, scenario: Scenario, quiet: Quiet): number | null {
  const { writes, behind } = setting;
  // A load without limit fills what a page holds at any time from the beginning on.
  if (behind !== null) return answersStop(quiet) ? 0 : null;
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
