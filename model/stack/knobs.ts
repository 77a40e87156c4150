/**
 * The option by which something of a hop is set: found by trying. Whoever wants a time to be another one asks for the option and its
 * text; there is no second list of what each option does.
 */
import { formatDuration } from '../duration.ts';
import { commonOptions } from './common-options.ts';
import { failed, type Facts } from './facts.ts';
import { hopWith, type Hop } from './hops.ts';
import type { Result } from '../issue.ts';

/** What is looked at: a time of the hop; null = never, undefined = it has none. */
export type Measure = (facts: Facts) => number | null | undefined;

/** How the time may differ from the one that is asked for. */
export type Wanted = 'exactly' | 'at-least' | 'at-most';

/** An option and what is written for it. */
export interface Setting {
  readonly option: string;
  readonly text: string;
}

/** A system that adds a second or rounds up is still meant. */
const SLACK = 1.25;
const SLACK_MS = 5_000;

function fits(measured: number | null | undefined, ms: number, wanted: Wanted): boolean {
  if (measured === null || measured === undefined) return false;
  if (wanted === 'exactly') return measured === ms;
  return wanted === 'at-least'
    ? measured >= ms && measured <= Math.max(SLACK * ms, ms + SLACK_MS)
    : measured <= ms && measured >= ms / SLACK;
}

/** The options of a hop, its system's own first. */
function optionsOf({ system, role }: Hop): readonly string[] {
  const own = system?.options.map(({ name }) => name) ?? [];
  return [...own, ...Object.keys(commonOptions[role]).filter((name) => !own.includes(name))];
}

function tried(hop: Hop, option: string, text: string): Result<Facts> {
  const changed = hopWith(hop, option, text);
  return changed ?? failed();
}

/** The option that sets a time, and the text of a value for it; undefined = the system has no such option. */
export function settingFor(
  hop: Hop,
  measure: Measure,
  ms: number,
  wanted: Wanted = 'exactly',
): Setting | undefined {
  if (hop.system?.isForeign === true) return undefined;
  const text = formatDuration(ms);
  for (const option of optionsOf(hop)) {
    const facts = tried(hop, option, text);
    if (facts.ok && fits(measure(facts.value), ms, wanted)) return { option, text };
  }
  return undefined;
}

/** Two times that hardly any system has: an option that moves with them is the one that sets it. */
const PROBES_MS = [77_000, 7_000] as const;

/** The name of the option that a time hangs on; undefined = there is none. */
export function optionOf(hop: Hop, measure: Measure): string | undefined {
  const now = measure(hop);
  return optionsOf(hop).find((option) =>
    PROBES_MS.some((ms) => {
      const facts = tried(hop, option, formatDuration(ms));
      if (!facts.ok) return false;
      const then = measure(facts.value);
      return then !== now && typeof then === 'number';
    }),
  );
}

/** Of a party of which only its part is known, what can be said of the times that its peer hears. */
const GENERIC_TIMES: ReadonlySet<string> = new Set(['heartbeat', 'read_timeout']);

/** The options of a hop that are times, and decide what it does: its system's own. */
export function timesOf(hop: Hop): readonly string[] {
  if (hop.system?.isForeign === true) return [];
  const own = hop.system?.options.map(({ name }) => name) ?? [];
  const options = own.length > 0 ? own : optionsOf(hop).filter((name) => GENERIC_TIMES.has(name));
  return options.filter((option) => {
    const [first, second] = PROBES_MS.map((ms) => tried(hop, option, formatDuration(ms)));
    if (first?.ok !== true || second?.ok !== true) return false;
    return JSON.stringify(first.value) !== JSON.stringify(second.value);
  });
}
