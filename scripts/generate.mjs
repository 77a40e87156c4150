#!/usr/bin/env node
// Writes every generated file: schema/*.json, docs/machines/*.md, docs/kernel-model.md, docs/lint.md,
// docs/policies.md, docs/scenarios.md.
// `npm run generate` builds first; tests fail when a committed copy is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineDocs } from '../dist/model/statechart/docs.js';
import { lintPage } from '../dist/model/lint/page.js';
import { policiesPage } from '../dist/scenarios/pages/policies.js';
import { scenariosPage } from '../dist/scenarios/pages/scenarios.js';
import { schemas, schemaText } from '../dist/model/schema/index.js';
import { kernelModelPage } from '../dist/sim/kernel/capabilities-page.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const files = [
  ...machineDocs(),
  kernelModelPage(),
  lintPage(),
  policiesPage(),
  scenariosPage(),
  ...Object.entries(schemas).map(([name, schema]) => ({
    path: `schema/${name}.json`,
    text: schemaText(schema),
  })),
];
for (const { path, text } of files) {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}
