/**
 * A stack: all that somebody runs, as data. The parties from client to server, the links between them with their paths and
 * boxes, and the orchestrator that stops the last one. A system is named by a word and set by its own options.
 */
import * as v from 'valibot';
import { policySchema } from '../policy/schema.ts';
import { MAX_RTT_MS } from '../schema/kernel-settings.ts';
import { fileVersion, lintSettings } from '../schema/names.ts';
import { fault, isObject, outcome, reading, refused, under, type Word } from '../schema/reading.ts';
import {
  duration,
  list,
  number,
  object,
  optional,
  text,
  textLike,
  titled,
  withDefault,
  type Canonical,
  type Written,
} from '../schema/words.ts';

/** Round trip of a link that says none: from the client over the world, and from there within a data centre. */
export const FAR_MS = 50;
export const NEAR_MS = 1;

/** More parties, and boxes on a link, than any request passes. */
const MAX_PARTIES = 8;
const MAX_BOXES = 8;

/** What a word of a stack looks like. */
export const WORD = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;
/** What a name or value of an option may hold: nothing that ends it in the one-line form. */
export const OPTION_TEXT = /^[^\s(),<>@"'=]+$/;

type Options = Readonly<Record<string, string>>;

/** Options by name; numbers and words of JSON become the text that they are. */
const options = (() => {
  const said = v.description(
    'Options of the system by its own names, such as "75s"; what it does without them is its default.',
  );
  const schema = v.pipe(
    v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
    said as never,
    v.record(v.string(), v.string()),
    said as never,
  ) as Word;
  return reading<
    Word & v.GenericSchema<Readonly<Record<string, string | number | boolean>>, Options>
  >(schema, {}, (input) => {
    if (!isObject(input)) return refused('wrong-type', input, 'an object: option → value');
    const expected = 'a text, a number, true or false, without spaces, brackets, commas, > and @';
    const entries = Object.entries(input).map(([key, value]) => [key, String(value)] as const);
    const faults = Object.entries(input).flatMap(([key, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) &&
      OPTION_TEXT.test(key) &&
      OPTION_TEXT.test(String(value))
        ? []
        : [under(key, fault('wrong-type', value, expected))],
    );
    return outcome(Object.freeze(Object.fromEntries(entries)), faults);
  });
})();

const word = (description: string) =>
  textLike(description, WORD, 'letters, digits, dots, hyphens, underscores and plus signs', 64);

const called = optional(
  textLike(
    'What people call it.',
    /^[^"<>@(),=\s]+(?: [^"<>@(),=\s]+)*$/,
    'words with a space between, without double quotes, brackets, commas, =, > and @',
    64,
  ),
);

const party = object('A process that holds an end of TCP connections: client, proxy or server.', {
  /** A built-in system by name or alias, or `client`, `browser`, `proxy`, `server`. */
  system: optional(
    word('What it runs, by name: socket.io, nginx, browser, …; or client, proxy, server.'),
  ),
  /** A policy of one's own. */
  policy: optional(policySchema),
  name: called,
  options: withDefault(options, {}),
});

/** A process that holds an end of TCP connections. */
export interface StatedParty extends Canonical<typeof party> {}

const element = (description: string) =>
  object(description, {
    system: word('What it is, by name.'),
    name: called,
    options: withDefault(options, {}),
  });

const box = element('A box on a link: NAT, layer 4 balancer, firewall. It keeps a table of flows.');
const orchestrator = element('What stops the server: Kubernetes, systemd.');
const link = object('One TCP connection between two neighbouring parties.', {
  rttMs: optional(
    duration('Round trip; 50 ms to the client, 1 ms between the others when missing.', {
      maxMs: MAX_RTT_MS,
    }),
  ),
  jitterMs: optional(
    duration("Up to so much is added to each packet's way, drawn.", {
      minMs: 0,
      maxMs: MAX_RTT_MS,
    }),
  ),
  lossPercent: optional(number('Share of the packets that are lost, each way, %.', 0, 100)),
  boxes: withDefault(list('From the client to the server.', box, { maxItems: MAX_BOXES }), []),
});

const parties = list('From the client over proxies to the server.', party, {
  minItems: 2,
  maxItems: MAX_PARTIES,
});

export const stackSchema = titled(
  object(
    'A stack: two ends and what stands between them.',
    {
      schemaVersion: fileVersion,
      name: text('Name of the stack, one line.', 200),
      title: optional(text('One line for lists; the name when missing.', 200)),
      parties,
      /** One fewer than parties. */
      links: optional(
        list('The links in order, one fewer than parties.', link, { maxItems: MAX_PARTIES - 1 }),
      ),
      orchestrator: optional(orchestrator),
      lint: optional(lintSettings),
    },
    { ignored: ['$schema'] },
  ),
);

/** One TCP connection between two neighbouring parties. */
export interface StatedLink extends Canonical<typeof link> {
  readonly rttMs: number;
}

/** A stack. Made by `defineStack` or `parseStack`; never by hand. */
export interface Stack extends Omit<Canonical<typeof stackSchema>, 'links'> {
  readonly links: readonly StatedLink[];
}
/** A stack as `defineStack` takes it. */
export interface StackInput extends Written<typeof stackSchema> {}
