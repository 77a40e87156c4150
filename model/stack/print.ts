/** A stack in one line, as the command line takes it. */
import { formatDuration } from '../duration.ts';
import { hopsOf, type Hop } from './hops.ts';
import { FAR_MS, NEAR_MS, type Stack, type StatedLink } from './schema.ts';

interface Element {
  readonly word: string;
  readonly name?: string;
  readonly options: readonly (readonly [string, string])[];
}

function printed({ word, name, options }: Element): string {
  const called = name === undefined ? '' : ` "${name}"`;
  const settings = options.map(([key, text]) => `${key}=${text}`).join(', ');
  return `${word}${called}${settings === '' ? '' : `(${settings})`}`;
}

function ofHop(hop: Hop, word: string): string {
  const named = hop.called === word ? {} : { name: hop.called };
  return printed({ word, ...named, options: [...hop.settings] });
}

/** What a link has that is not the default of its place. */
function pathOf({ rttMs, jitterMs, lossPercent }: StatedLink, usualMs: number): readonly string[] {
  const options: (readonly [string, string])[] = [];
  if (rttMs !== usualMs) options.push(['rtt', formatDuration(rttMs)]);
  if (jitterMs !== undefined) options.push(['jitter', formatDuration(jitterMs)]);
  if (lossPercent !== undefined) options.push(['loss', String(lossPercent)]);
  return options.length === 0 ? [] : [printed({ word: 'path', options })];
}

/**
 * The one-line form.
 *
 * @returns null where a party has a policy of its own, which a line has no room for
 * @example
 * const stack = defineStack({ name: 's', parties: [{ system: 'browser' }, { system: 'socket.io' }] });
 * formatStack(stack) // => 'browser > socket.io'
 */
export function formatStack(stack: Stack): string | null {
  const hops = hopsOf(stack);
  if (hops.some(({ system }) => system === null)) return null;
  const parts = hops
    .filter(({ role }) => role !== 'orchestrator')
    .flatMap((hop) => {
      const index = /^\/parties\/(\d+)$/.exec(hop.place)?.[1];
      const link = index === undefined ? undefined : stack.links[Number(index)];
      const path = link === undefined ? [] : pathOf(link, index === '0' ? FAR_MS : NEAR_MS);
      return [ofHop(hop, hop.word), ...path];
    });
  const stop = hops.find(({ role }) => role === 'orchestrator');
  return `${parts.join(' > ')}${stop === undefined ? '' : ` @ ${ofHop(stop, stop.word)}`}`;
}

/** A stack as short as a file may say it: without what is the default anyway. */
export function writtenStack(stack: Stack): Record<string, unknown> {
  const { name, title, parties, links, orchestrator, lint } = stack;
  const element = <E extends { readonly options: object }>({ options, ...rest }: E): object => ({
    ...rest,
    ...(Object.keys(options).length === 0 ? {} : { options }),
  });
  const link = ({ rttMs, boxes, ...rest }: StatedLink): object => ({
    rttMs: formatDuration(rttMs),
    ...rest,
    ...(boxes.length === 0 ? {} : { boxes: boxes.map(element) }),
  });
  return {
    name,
    ...(title === name ? {} : { title }),
    parties: parties.map(element),
    links: links.map(link),
    ...(orchestrator === undefined ? {} : { orchestrator: element(orchestrator) }),
    ...(lint === undefined ? {} : { lint }),
  };
}
