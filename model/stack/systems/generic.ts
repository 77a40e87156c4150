/** Parties of which only their part is known: what matters of them is said by options. */
import { AGE_MS, IDLE_MS, timeOrOff } from '../../policy/presets/options.ts';
import { atExpiry } from '../boxes/box.ts';
import type { Facts, Role, System } from '../facts.ts';
import { described, factsOf, factWithDefault, type OptionTable } from '../option-table.ts';

function generic(
  name: string,
  role: Role,
  title: string,
  facts: Partial<Facts> = {},
  table: OptionTable = {},
): System {
  return {
    name,
    aliases: [],
    role,
    title,
    options: described(table),
    facts: (_word, own) => {
      const read = factsOf(table, own);
      return read.ok ? { ok: true, value: { policy: null, ...facts, ...read.value } } : read;
    },
  };
}

export const client = generic('client', 'client', 'a client of which nothing else is said');
/** Its WebSocket lives in the network process, its timers in the page. */
export const browser = generic('browser', 'client', 'a web page: a hidden tab slows its timers', {
  timers: 'page',
});
export const proxy = generic(
  'proxy',
  'proxy',
  'ends TCP and opens a connection of its own',
  {},
  {
    idle: factWithDefault(
      timeOrOff('off', 'Time without a byte either way until it ends the connection.', {
        bare: 's',
        plausibleMs: IDLE_MS,
      }),
      (idleMs) => ({ idleMs }),
    ),
    age: factWithDefault(
      timeOrOff('off', 'Age at which it ends a connection, whatever that carries.', {
        bare: 's',
        plausibleMs: AGE_MS,
      }),
      (ageMs) => ({ ageMs }),
    ),
    at_expiry: {
      ...atExpiry,
      default: 'close',
    },
  },
);
export const server = generic('server', 'server', 'a server of which nothing else is said');
