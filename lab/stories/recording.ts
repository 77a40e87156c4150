/** What was seen of one connection, as a kernel trace that `conform` reads: both processes' writes, and every packet. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Act } from '../../model/faults/acts.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { WirePacket } from './wire.ts';

/** Of one connection. */
export interface Told {
  readonly wrote: readonly {
    readonly side: 'server' | 'client';
    readonly atMs: number;
    readonly bytes: number;
  }[];
  /** What was done to it. */
  readonly deeds: readonly { readonly atMs: number; readonly act: Act }[];
  readonly packets: readonly WirePacket[];
}

const TICKS = [100, 250, 1000] as const;
/** include/linux/jiffies.h, INITIAL_JIFFIES: five minutes before the low half wraps. */
const JIFFIES_AT_BOOT = 2 ** 32;
const WRAPS_AFTER_S = 300;
/** The trace's t = 0 is so long after the connection was established. */
const ZERO_AFTER_MS = 1_000;

/** This kernel's tick and its count, from /proc/timer_list; null where it does not say. */
export function jiffiesNow(): { readonly hz: 100 | 250 | 1000; readonly jiffies: number } | null {
  try {
    const list = readFileSync('/proc/timer_list', 'utf8');
    const nowS = Number(/now at (\d+) nsecs/.exec(list)?.[1]) / 1e9;
    const jiffies = Number(/jiffies: (\d+)/.exec(list)?.[1]);
    const measured = (jiffies - JIFFIES_AT_BOOT) / (nowS - WRAPS_AFTER_S);
    const hz = TICKS.find((ticks) => Math.abs(measured / ticks - 1) < 0.01);
    return hz === undefined ? null : { hz, jiffies };
  } catch {
    return null;
  }
}

/** An act in the words of a trace; null where the writes and packets say all. */
function inTrace(act: Act): { who: string; what: string; args: readonly string[] } | null {
  switch (act.act) {
    case 'cut': {
      const side = act.toClient ? 'server' : 'client';
      return { who: 'wire', what: 'drop', args: act.toClient && act.toServer ? [] : [side] };
    }
    case 'lose-address':
    case 'power-off':
      return { who: 'wire', what: 'drop', args: [] };
    case 'heal':
      return { who: 'wire', what: 'pass', args: [] };
    case 'freeze-process':
    case 'stop-process':
      return { who: 'client', what: 'freeze', args: [] };
    case 'resume-process':
      return { who: 'client', what: 'thaw', args: [] };
    default:
      return null;
  }
}

/** The trace, as JSON. */
export function recordingOf(
  { name, path, kernel }: Scenario,
  { wrote, deeds, packets }: Told,
): string {
  const established = packets.find(({ src, flags }) => src === 'client' && flags === '.');
  const zeroMs = (established?.atMs ?? packets[0]?.atMs ?? 0) + ZERO_AFTER_MS;
  const at = (atMs: number): number => Math.round((atMs - zeroMs) * 10) / 10_000;
  const lastMs = packets.at(-1)?.atMs ?? zeroMs;
  const log = [
    { t: at(zeroMs - ZERO_AFTER_MS), who: 'server', ev: 'established' },
    ...wrote
      .filter(({ bytes }) => bytes > 0)
      .map(({ side, atMs, bytes }) => ({
        t: at(atMs),
        who: side,
        ev: 'do',
        what: 'write',
        args: [bytes],
      })),
    ...deeds.flatMap(({ atMs, act }) => {
      const said = inTrace(act);
      return said === null ? [] : [{ t: at(atMs), ev: 'act', ...said }];
    }),
  ].toSorted((a, b) => a.t - b.t);
  return `${JSON.stringify(
    {
      name: `lab-${name}`,
      kernel: release(),
      hz: jiffiesNow()?.hz ?? kernel.hz,
      config: {
        server_sysctls: kernel.serverSysctls,
        client_sysctls: kernel.clientSysctls,
        rtt_ms: path.rttMs,
        max_s: Math.max(1, Math.ceil(at(lastMs))),
      },
      log,
      packets: packets.map(({ atMs, ...packet }) => ({ t: at(atMs), ...packet })),
    },
    null,
    1,
  )}\n`;
}
