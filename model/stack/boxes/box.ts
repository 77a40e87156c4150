/** A box on a link: it forwards packets and keeps a table of flows, with an idle limit and a behaviour at expiry. */
import { IDLE_MS, time, word } from '../../policy/presets/options.ts';
import type { Expiry, System } from '../facts.ts';
import { described, factsOf, factWithDefault, type OptionTable } from '../option-table.ts';

/** Its idle limit under the system's own name. */
export function idleLimit(usual: string, bare: 's' | 'min' = 's') {
  return factWithDefault(
    time(usual, 'Time without a packet until it forgets the flow.', { bare, plausibleMs: IDLE_MS }),
    (idleMs) => ({ idleMs }),
  );
}

/** What it does then, where somebody can choose. */
export const atExpiry = factWithDefault(
  word('silent', 'What follows: nobody is told; whoever sends next is reset; both are closed.', [
    'silent',
    'reset',
    'close',
  ]),
  (expiry) => ({ atExpiry: expiry }),
);

export function box(
  name: string,
  title: string,
  expiry: Expiry,
  table: OptionTable,
  aliases: readonly string[] = [],
  isForeign = false,
): System {
  return {
    ...(isForeign && { isForeign }),
    name,
    aliases,
    role: 'box',
    title,
    options: described(table),
    facts: (_word, own) => {
      const read = factsOf(table, own);
      if (!read.ok) return read;
      return { ok: true, value: { policy: null, atExpiry: expiry, ...read.value } };
    },
  };
}
