/**
 * Socket options as recordings name them: `keepalive` with its three numbers, `cc`, `linger`, and every row of the table of
 * socket options (setsockopt(2)) by its name, in full or in lower case without its prefix (`user_timeout`, `keepcnt`).
 */
import {
  socketOptionNames,
  socketOptionTable,
  type SocketOption,
  type SocketOptionName,
  type SocketOptionValues,
} from '../linux/socket-options.ts';
import { boolean, integer, list, object, optional, text, type Word } from '../schema/words.ts';
import { either } from './words.ts';

/** Names that recorders use where lower case alone does not give them. */
const otherNames: Readonly<Record<string, SocketOptionName>> = {
  user_timeout_ms: 'TCP_USER_TIMEOUT',
  thin_linear: 'TCP_THIN_LINEAR_TIMEOUTS',
};

/** These are written in a way of their own, below. */
const ownForm: ReadonlySet<SocketOptionName> = new Set(['SO_KEEPALIVE', 'SO_LINGER']);

/** Recorded name → option. */
const optionOf: Readonly<Record<string, SocketOptionName>> = {
  ...Object.fromEntries(
    socketOptionNames.flatMap((name) => {
      if (ownForm.has(name)) return [];
      return [
        [name, name],
        [name.replace(/^(SO|TCP)_/, '').toLowerCase(), name],
      ];
    }),
  ),
  ...otherNames,
};

function valueWord(name: SocketOptionName): Word {
  const { min, max, effect }: SocketOption = socketOptionTable[name];
  const value = integer(`${effect}.`, min, max);
  return min === 0 && max === 1 ? either(boolean(`${effect}.`), value) : value;
}

const { TCP_KEEPIDLE, TCP_KEEPCNT } = socketOptionTable;
const keepaliveNumbers = list(
  'SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL (seconds) and TCP_KEEPCNT.',
  integer('Idle time, interval, probes.', 1, TCP_KEEPIDLE.max),
  { minItems: 3, maxItems: 3 },
);

/** Options of one socket, as they were set at first or by a `set` later. */
export const recordedOptions = object('Socket options.', {
  keepalive: optional(either(keepaliveNumbers, valueWord('SO_KEEPALIVE'))),
  linger: optional(
    list('SO_LINGER: l_onoff, l_linger in seconds.', integer('A number.', 0, 2 ** 31 - 1), {
      minItems: 2,
      maxItems: 2,
    }),
  ),
  cc: optional(text('TCP_CONGESTION.', 16)),
  ...Object.fromEntries(
    Object.entries(optionOf).map(([name, option]) => [name, optional(valueWord(option))]),
  ),
});

/** The same as setsockopt(2) takes it. */
export interface RecordedOptions {
  readonly values: SocketOptionValues;
  /** TCP_CONGESTION; null = not set. */
  readonly congestion: string | null;
  /** How long close(2) waits for what is unsent (SO_LINGER with a time), seconds; 0 = it does not. */
  readonly lingerS: number;
}

/** What was read by {@link recordedOptions}, with the names of setsockopt(2). */
export function optionsOf(read: Readonly<Record<string, unknown>>): RecordedOptions {
  const values: { -readonly [Name in SocketOptionName]?: number } = {};
  let lingerS = 0;
  for (const [name, value] of Object.entries(read)) {
    if (name === 'keepalive' && Array.isArray(value)) {
      const [idleS, intervalS, probes] = value as number[];
      values.TCP_KEEPIDLE = idleS as number;
      values.TCP_KEEPINTVL = intervalS as number;
      values.TCP_KEEPCNT = Math.min(probes as number, TCP_KEEPCNT.max);
      values.SO_KEEPALIVE = 1;
    } else if (name === 'keepalive') {
      values.SO_KEEPALIVE = Number(value);
    } else if (name === 'linger') {
      const [on, seconds] = value as number[];
      if (on !== 0 && seconds === 0) values.SO_LINGER = 0;
      else if (on !== 0) lingerS = seconds as number;
    } else if (name !== 'cc') {
      values[optionOf[name] as SocketOptionName] = Number(value);
    }
  }
  return { values, congestion: (read['cc'] as string | undefined) ?? null, lingerS };
}
