/** What a production process loads by each entry of the package: tables' compiler and engine, and none of what only a laboratory needs. */
import { describe, expect, it } from 'vitest';
import { existingRooms, roomOf, sourcesOf } from './sources.ts';

const sources = new Map(sourcesOf(existingRooms).map((source) => [source.path, source]));

/** Everything that is loaded with a file: files of the project, and packages. */
function loadedWith(entry: string): { files: string[]; packages: string[] } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const path of files) {
    for (const one of sources.get(path)?.imports ?? []) {
      if (one.typeOnly) continue;
      if (one.path === undefined) packages.add(one.specifier);
      else files.add(one.path);
    }
  }
  return { files: [...files], packages: [...packages].toSorted() };
}

const entries = ['ws', 'node', 'client', 'metrics', 'policy'] as const;

describe('what production loads', () => {
  it.each(entries)('ghostbound/%s: no xstate and no simulator', (entry) => {
    const { files, packages } = loadedWith(`adapter/${entry}.ts`);
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((path) => !['model', 'adapter'].includes(roomOf(path) ?? ''))).toEqual([]);
    expect(packages.filter((name) => /xstate|vega|resvg|commander/.test(name))).toEqual([]);
  });

  it('ghostbound/client: neither the engine nor the words of policies, and nothing of Node', () => {
    const { files, packages } = loadedWith('adapter/client.ts');
    expect(packages).toEqual([]);
    const heavy = /^model[/](mechanisms|policy|reaper|schema)[/]|statechart[/]/;
    expect(files.filter((path) => heavy.test(path))).toEqual([]);
  });
});
