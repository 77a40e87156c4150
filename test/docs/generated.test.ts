/** Generated pages that have no test of their own room are what the code says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lintPage } from '../../scenarios/pages/lint.ts';
import { policiesPage } from '../../scenarios/pages/policies.ts';
import { scenariosPage } from '../../scenarios/pages/scenarios.ts';
import { kernelModelPage } from '../../scenarios/pages/kernel-model.ts';
import { kernelRulesPage } from '../../scripts/kernel-rules.ts';
import { root } from '../house/sources.ts';

it('docs/kernel-model.md is what the marks in the code say', () => {
  const { path, text } = kernelModelPage();
  expect(readFileSync(join(root, path), 'utf8'), 'stale: npm run generate').toBe(text);
});

it('docs/kernel-rules.md says of every file of the kernel what it is', () => {
  const { path, text } = kernelRulesPage(`${root}/`);
  expect(readFileSync(join(root, path), 'utf8'), 'stale: npm run generate').toBe(text);
  // A file that does not say what it is has an empty cell.
  expect(text).not.toMatch(/\|  \|$/m);
});

it('docs/lint.md is what the rules say of themselves', () => {
  const { path, text } = lintPage();
  expect(readFileSync(join(root, path), 'utf8'), 'stale: npm run generate').toBe(text);
});

it('docs/policies.md is what the built-in policies say of themselves', () => {
  const { path, text } = policiesPage();
  expect(readFileSync(join(root, path), 'utf8'), 'stale: npm run generate').toBe(text);
});

it('docs/scenarios.md is what the built-in scenarios say of themselves', () => {
  const { path, text } = scenariosPage();
  expect(readFileSync(join(root, path), 'utf8'), 'stale: npm run generate').toBe(text);
});
