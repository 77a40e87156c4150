/** Kernel settings as schemas: sysctls and socket options by their names, from the tables of model/linux. */
import type { GenericSchema } from 'valibot';
import {
  freeSocketOptions,
  socketOptionTable,
  type SocketOptionValues,
} from '../linux/socket-options.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import { integer, object, optional, type Word } from './words.ts';

/** A satellite path with a queue has seconds; a minute is a typing error's size. */
export const MAX_RTT_MS = 60_000;

export const sysctlsSchema = object(
  'Settings that differ from the defaults of the kernel.',
  Object.fromEntries(
    Object.entries(sysctlTable).map(([sysctl, { min, max, effect }]) => [
      `net.ipv4.${sysctl}`,
      optional(integer(`${effect}.`, min, max)),
    ]),
  ),
  { expected: 'a net.ipv4.tcp_* setting of the simulated kernel' },
) as Word as GenericSchema<Readonly<Record<string, number>>>;

/** Socket options by the names of tcp(7) and socket(7), values as setsockopt(2) takes them. */
export const socketOptionsSchema = object(
  'Socket options, as setsockopt(2) takes them.',
  Object.fromEntries(
    freeSocketOptions.map((option) => {
      const { min, max, effect } = socketOptionTable[option];
      return [option, optional(integer(`${effect}.`, min, max))];
    }),
  ),
  { expected: `one of ${freeSocketOptions.join(', ')}` },
) as Word as GenericSchema<SocketOptionValues>;
