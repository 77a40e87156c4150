// Writes every generated file: schema/*.json, docs/machines/*.md, docs/kernel-model.md, docs/kernel-rules.md, docs/lint.md,
// docs/policies.md, docs/scenarios.md.
// Run from the sources; tests fail when a committed copy is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineDocs } from '../scenarios/pages/machines.ts';
import { lintPage } from '../scenarios/pages/lint.ts';
import { policiesPage } from '../scenarios/pages/policies.ts';
import { scenariosPage } from '../scenarios/pages/scenarios.ts';
import { kernelRulesPage } from './kernel-rules.ts';
import { jsonSchemas, schemaText } from './json-schemas.ts';
import { kernelModelPage } from '../scenarios/pages/kernel-model.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = [
  ...machineDocs(),
  kernelModelPage(),
  kernelRulesPage(root),
  lintPage(),
  policiesPage(),
  scenariosPage(),
  ...(await Promise.all(
    Object.entries(jsonSchemas).map(async ([name, schema]) => ({
      path: `schema/${name}.json`,
      text: await schemaText(schema),
    })),
  )),
];
for (const { path, text } of files) {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}
