/** What the documents that verbs print are made of. Milliseconds; null = never, or unbounded. */
import { choice, integer, nullable, number, object, text, type Canonical } from './words.ts';

export const version = choice('Version of this format.', [1]);

export const ms = (description: string) => number(`${description}, ms.`, 0, Infinity);

export const msOr = (description: string, nullMeans: string) =>
  nullable(ms(description), nullMeans);

export const count = (description: string) => integer(description, 0, Infinity);

/** A text that may be empty, and long. */
export const words = (description: string) => text(description, 10_000, 0);

/** What the scenario of a row tests. */
export const tested = choice('What the scenario tests.', ['fault', 'live']);

export const cost = object('What the policy costs on a connection that lives.', {
  packetsPerHour: number('Packets per hour, both ways.', 0, Infinity),
  bytesPerHour: number('Bytes per hour, both ways.', 0, Infinity),
  wakeupsPerHour: number("Wake-ups of the server's process per hour.", 0, Infinity),
});
/** What the policy itself causes, per connection and hour of a healthy, idle connection. */
export interface Cost extends Canonical<typeof cost> {}
