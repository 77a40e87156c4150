/** The published JSON Schemas: file name without ending → document. `schema/*.json` holds the same. */
import { policyOptionsShape } from './policy-options.ts';
import { schemaDocument, type JsonSchema } from './json-schema.ts';
import { chainShape } from './chain.ts';
import { lintShape } from './lint.ts';
import { policyShape } from './policy.ts';
import {
  comparisonShape,
  conformanceShape,
  policyListShape,
  runShape,
  scenarioListShape,
} from './results.ts';
import { scenarioShape } from './scenario.ts';
import { tuningShape } from './tuning.ts';
import { certificateShape, verificationShape } from './verification.ts';

export const schemas: Readonly<Record<string, JsonSchema>> = {
  policy: schemaDocument('policy', 'Ghostbound policy', policyShape, 'input'),
  scenario: schemaDocument('scenario', 'Ghostbound scenario', scenarioShape, 'input'),
  compare: schemaDocument('compare', 'ghostbound compare --json', comparisonShape, 'output'),
  verify: schemaDocument('verify', 'ghostbound verify --json', verificationShape, 'output'),
  certificate: schemaDocument(
    'certificate',
    'Ghostbound certificate',
    certificateShape,
    'output',
  ),
  run: schemaDocument('run', 'ghostbound run --json', runShape, 'output'),
  conform: schemaDocument('conform', 'ghostbound conform --json', conformanceShape, 'output'),
  chain: schemaDocument('chain', 'Ghostbound chain of timeouts', chainShape, 'input'),
  lint: schemaDocument('lint', 'ghostbound lint --json', lintShape, 'output'),
  tune: schemaDocument('tune', 'ghostbound tune --json', tuningShape, 'output'),
  policies: schemaDocument('policies', 'ghostbound policies --json', policyListShape, 'output'),
  'policy-options': schemaDocument(
    'policy-options',
    'ghostbound policies options --json',
    policyOptionsShape,
    'output',
  ),
  scenarios: schemaDocument('scenarios', 'ghostbound scenarios --json', scenarioListShape, 'output'),
};

/** The text of a schema's file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
