/** Every public function's doc comment has an example, and every example does what it says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as client from '../../adapter/client.ts';
import * as metrics from '../../adapter/metrics.ts';
import * as node from '../../adapter/node.ts';
import * as ws from '../../adapter/ws.ts';
import * as entry from '../../index.ts';
import { existingRooms, root, sourcesOf } from '../house/sources.ts';
import { docExamples, toTestCode } from './doc-examples.ts';

const sources = sourcesOf(existingRooms);
const examples = sources.flatMap(docExamples);
/** What the package's users import, by the name they import it under. */
const entries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ghostbound: entry,
  'ghostbound/ws': ws,
  'ghostbound/node': node,
  'ghostbound/client': client,
  'ghostbound/metrics': metrics,
};
const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;

describe('examples in doc comments', () => {
  it.each(examples.map((example) => [example.where, example] as const))(
    '%s',
    async (_, example) => {
      const own = (await import(join(root, example.path))) as Record<string, unknown>;
      const scope = new Map<string, unknown>([...Object.entries(entry), ...Object.entries(own)]);
      let compared = 0;
      const same = (actual: unknown, expected: unknown): void => {
        compared += 1;
        expect(actual).toEqual(expected);
      };
      const code = toTestCode(example.code);
      scope.set('__same', same);
      scope.set('__import', (specifier: string) => entries[specifier] ?? import(specifier));
      await new AsyncFunction(...scope.keys(), code)(...scope.values());
      expect(compared, 'an example shows at least one value with "// => "').toBeGreaterThan(0);
    },
  );

  it('are all run: one to a comment, in front of an exported name', () => {
    const written = sources.flatMap(({ text }) => text.match(/^\s*\* @example/gm) ?? []);
    expect(examples).toHaveLength(written.length);
  });

  it.each(Object.entries(entries))('exist for every function of %s', (_, names) => {
    const documented = new Set(examples.map(({ documents }) => documents));
    const functions = Object.entries(names)
      .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
      .map(([name]) => name);
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter((name) => !documented.has(name))).toEqual([]);
  });
});
