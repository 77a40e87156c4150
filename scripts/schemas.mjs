#!/usr/bin/env node
// Writes schema/*.json from the built model (npm run build first).
// A test fails when the committed files differ from what this would write.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schemas, schemaText } from '../dist/model/schema/index.js';

const folder = fileURLToPath(new URL('../schema/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(`${folder}${name}.json`, schemaText(schema));
}
