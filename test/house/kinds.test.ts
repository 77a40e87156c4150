/**
 * What is particular to a kind of mechanism, fault or silence stands in its own file: nobody else tells kinds apart by
 * a switch, or by one comparison after the other. Who knows one kind, a rule of the linter say, may name that one.
 */
import { describe, expect, it } from 'vitest';
import { faultKinds, silenceKinds } from '../../model/faults/index.ts';
import { mechanismKinds } from '../../model/mechanisms/index.ts';
import { existingRooms, sourcesOf, withoutComments, type Source } from './sources.ts';

/** Closed forms, which go when reachability says all that they say; and reachability, which still names a few. */
const NOT_YET = ['model/bounds/', 'model/reach/'];

const registries: Readonly<Record<string, ReadonlySet<string>>> = {
  mechanism: new Set(Object.keys(mechanismKinds)),
  fault: new Set(Object.keys(faultKinds)),
  silence: new Set(Object.keys(silenceKinds)),
};

/** Things that have a kind of their own, of which some are called like a mechanism or a fault: `load.kind === 'idle'`. */
const OTHERS =
  /\b(load|story|hop|box|row|broken|scenario|effect|expect|client|quietest)s?\??\.kind$/;

/** `mechanism.kind`, or `kind` alone: whether that is the kind of a mechanism, as far as the text can tell. */
function isOurs(compared: string): boolean {
  return !OTHERS.test(compared);
}

const SWITCH = /\bswitch \(((?:[\w#?.]+\.)?kind)\) \{/g;
const COMPARISON = /((?:[\w#?.()[\]]+\.)?\bkind) [!=]== '([\w-]+)'/g;

/** What stands between the brace before `from` and its end. */
function blockAt(code: string, from: number): string {
  let depth = 1;
  let end = from;
  while (depth > 0 && end < code.length) {
    if (code[end] === '{') depth += 1;
    if (code[end] === '}') depth -= 1;
    end += 1;
  }
  return code.slice(from, end);
}

/** The words that a file tells apart: in each of its switches, and in all of its comparisons together. */
function toldApart({ text }: Source): { switches: string[][]; compared: string[] } {
  const code = withoutComments(text);
  const switches = [...code.matchAll(SWITCH)]
    .filter(([, compared = '']) => isOurs(compared))
    .map((found) => {
      const cases = blockAt(code, found.index + found[0].length).matchAll(/\bcase '([\w-]+)':/g);
      return [...cases].map(([, word = '']) => word);
    });
  const compared = [...code.matchAll(COMPARISON)]
    .filter(([, left = '']) => isOurs(left))
    .map(([, , word = '']) => word);
  return { switches, compared };
}

/** What a file does that only a registry may. */
function offences(source: Source): string[] {
  const { switches, compared } = toldApart(source);
  return Object.entries(registries).flatMap(([registry, words]) => {
    const known = (list: readonly string[]): string[] => [
      ...new Set(list.filter((word) => words.has(word))),
    ];
    const bySwitch = switches
      .filter((cases) => known(cases).length > 0)
      .map((cases) => `${source.path} switches over a ${registry}: ${known(cases).join(', ')}`);
    const chain = known(compared);
    const byChain =
      chain.length > 1
        ? [`${source.path} compares the kind of a ${registry} with ${chain.join(', ')}`]
        : [];
    return [...bySwitch, ...byChain];
  });
}

describe('kinds', () => {
  const sources = sourcesOf(existingRooms).filter(
    ({ path }) => !NOT_YET.some((folder) => path.startsWith(folder)),
  );

  it('are told apart by their registries alone', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(offences)).toEqual([]);
  });

  it.each([
    ["switch (one.kind) { case 'sweep': break; default: }", 1],
    ["if (fault.kind === 'vanish' || fault.kind === 'freeze') stop();", 1],
    ["if (one.kind === 'sweep') look(); else if (one.kind !== 'idle') wait();", 1],
    ["if (one.kind === 'sweep') look();", 0],
    ["if (load.kind === 'idle' || story.kind === 'drain') look();", 0],
  ])('an offence is found: %s', (text, count) => {
    expect(offences({ path: 'a.ts', text, imports: [] })).toHaveLength(count);
  });

  it('stand in the registry under the word that their schema reads', () => {
    for (const registry of [mechanismKinds, faultKinds, silenceKinds]) {
      for (const [word, { schema }] of Object.entries(registry)) {
        expect(schema.entries.kind.options).toEqual([word]);
      }
    }
  });
});
