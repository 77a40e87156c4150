/** Every public function's doc comment has an example, and every example does what it says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as entry from '../../index.ts';
import { existingRooms, root, sourcesOf } from '../house/sources.ts';
import { docExamples, toTestCode } from './doc-examples.ts';

const examples = sourcesOf(existingRooms).flatMap(docExamples);
const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;

describe('examples in doc comments', () => {
  it.each(examples.map((example) => [example.where, example] as const))(
    '%s',
    async (_, example) => {
      const own = (await import(join(root, example.path))) as Record<string, unknown>;
      const scope = new Map<string, unknown>([...Object.entries(entry), ...Object.entries(own)]);
      scope.delete('default');
      let compared = 0;
      const same = (actual: unknown, expected: unknown): void => {
        compared += 1;
        expect(actual).toEqual(expected);
      };
      const code = toTestCode(example.code);
      await new AsyncFunction('__same', ...scope.keys(), code)(same, ...scope.values());
      expect(compared, 'an example shows at least one value with "// => "').toBeGreaterThan(0);
    },
  );

  it('exist for every function of the package', () => {
    const documented = new Set(examples.map(({ documents }) => documents));
    const functions = Object.entries(entry)
      .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
      .map(([name]) => name);
    expect(functions.filter((name) => !documented.has(name))).toEqual([]);
  });
});
