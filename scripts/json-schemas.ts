/** The published JSON Schemas (draft 2020-12), made of the schemas that read and describe: file name without ending → document. */
import { format } from 'prettier';
import { toJsonSchema, type ConversionConfig, type JsonSchema } from '@valibot/to-json-schema';
import { published, type Published } from '../model/documents/index.ts';
import { granularitySchema } from '../model/mechanisms/fields.ts';
import { peerHeartbeatSchema, policySchema } from '../model/policy/schema.ts';
import { scenarioSchema } from '../model/scenario/schema.ts';
import { durationText } from '../model/schema/scalars.ts';
import { shareParts } from './shared-parts.ts';

/** Where the published schemas can be read: the package on a public mirror of the registry. */
const ID_PREFIX = 'https://unpkg.com/ghostbound/schema/';

/** Parts that a document refers to by name instead of holding them several times. */
const shared = {
  policy: policySchema,
  scenario: scenarioSchema,
  granularity: granularitySchema,
  peerHeartbeat: peerHeartbeatSchema,
  durationText,
};

/** What the converter does not know: a length in code points is JSON Schema's own; plain numbers need no word. */
const overrideAction: NonNullable<ConversionConfig['overrideAction']> = ({
  valibotAction,
  jsonSchema,
}) => {
  if (valibotAction.type === 'max_code_points') {
    return {
      ...jsonSchema,
      maxLength: (valibotAction as unknown as { requirement: number }).requirement,
    };
  }
  return valibotAction.type === 'transform' ? jsonSchema : undefined;
};

function document({ name, title, schema, direction }: Published): JsonSchema {
  const definitions = Object.fromEntries(
    Object.entries(shared).filter(([, part]) => part !== schema),
  );
  const {
    $schema,
    $defs = {},
    ...rest
  } = toJsonSchema(schema as never, {
    target: 'draft-2020-12',
    typeMode: direction,
    definitions,
    overrideAction,
  }) as JsonSchema;
  const used = (part: string): boolean =>
    JSON.stringify([rest, $defs]).includes(`#/$defs/${part}"`);
  const parts = Object.entries($defs).filter(([part]) => used(part));
  return {
    $schema,
    $id: `${ID_PREFIX}${name}.json`,
    title,
    ...rest,
    ...(parts.length > 0 && { $defs: Object.fromEntries(parts) }),
  };
}

export const jsonSchemas: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  published.map((one) => [one.name, shareParts(document(one))]),
);

/** The text of a schema's file. */
export function schemaText(schema: JsonSchema): Promise<string> {
  return format(JSON.stringify(schema), { parser: 'json', printWidth: 100 });
}
