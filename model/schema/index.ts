/** The published schemas: file name without ending, title, and whether the file is written by people or by a verb. */
import { chainSchema } from './chain.ts';
import { lintSchema } from './lint.ts';
import { policyOptionsSchema } from './policy-options.ts';
import { policySchema } from './policy.ts';
import {
  comparisonSchema,
  conformanceSchema,
  policyListSchema,
  runSchema,
  scenarioListSchema,
} from './results.ts';
import { scenarioSchema } from './scenario.ts';
import { tuningSchema } from './tuning.ts';
import { certificateSchema, verificationSchema } from './verification.ts';
import type { Word } from './words.ts';

/** A file format that others may rely on. */
export interface Published {
  readonly name: string;
  readonly title: string;
  readonly schema: Word;
  /** `input`: durations may be text, what has a default may be missing; `output`: canonical. */
  readonly direction: 'input' | 'output';
}

const written = (name: string, title: string, schema: Word): Published => {
  return { name, title, schema, direction: 'input' };
};
const printed = (name: string, title: string, schema: Word): Published => {
  return { name, title, schema, direction: 'output' };
};

export const published: readonly Published[] = [
  written('policy', 'Ghostbound policy', policySchema),
  written('scenario', 'Ghostbound scenario', scenarioSchema),
  written('chain', 'Ghostbound chain of timeouts', chainSchema),
  printed('certificate', 'Ghostbound certificate', certificateSchema),
  printed('compare', 'ghostbound compare --json', comparisonSchema),
  printed('verify', 'ghostbound verify --json', verificationSchema),
  printed('run', 'ghostbound run --json', runSchema),
  printed('conform', 'ghostbound conform --json', conformanceSchema),
  printed('lint', 'ghostbound lint --json', lintSchema),
  printed('tune', 'ghostbound tune --json', tuningSchema),
  printed('policies', 'ghostbound policies --json', policyListSchema),
  printed('policy-options', 'ghostbound policies options --json', policyOptionsSchema),
  printed('scenarios', 'ghostbound scenarios --json', scenarioListSchema),
];
