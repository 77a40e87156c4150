/** The published schemas: file name without ending, title, and whether the file is written by people or by a verb. */
import { labSchema } from '../results/lab-schema.ts';
import { lintSchema } from '../results/lint-schema.ts';
import { policyOptionsSchema } from '../results/policy-options-schema.ts';
import { policySchema } from '../policy/schema.ts';
import {
  comparisonSchema,
  conformanceSchema,
  policyListSchema,
  runSchema,
  scenarioListSchema,
} from '../results/schema.ts';
import { stackSchema } from '../stack/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';
import { settingsSchema } from '../results/settings-schema.ts';
import { tuningSchema } from '../results/tuning-schema.ts';
import { certificateSchema, verificationSchema } from '../results/verification-schema.ts';
import { recordingSchema } from '../recording/schema.ts';
import type { Word } from '../schema/words.ts';

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
  written('stack', 'Ghostbound stack', stackSchema),
  written('kernel-trace', 'Ghostbound kernel trace', recordingSchema),
  printed('certificate', 'Ghostbound certificate', certificateSchema),
  printed('compare', 'ghostbound compare --json', comparisonSchema),
  printed('verify', 'ghostbound verify --json', verificationSchema),
  printed('run', 'ghostbound run --json', runSchema),
  printed('conform', 'ghostbound conform --json', conformanceSchema),
  printed('lab', 'ghostbound lab --json', labSchema),
  printed('lint', 'ghostbound lint --json', lintSchema),
  printed('tune', 'ghostbound tune --json', tuningSchema),
  printed('tune-settings', 'ghostbound tune --for --json', settingsSchema),
  printed('policies', 'ghostbound policies --json', policyListSchema),
  printed('policy-options', 'ghostbound policies options --json', policyOptionsSchema),
  printed('scenarios', 'ghostbound scenarios --json', scenarioListSchema),
];
