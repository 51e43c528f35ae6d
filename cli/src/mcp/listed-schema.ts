/** Input schemas as the tool list has them: a client sends the list to its model with each question. */

import { z } from 'zod';

/**
 * JSON Schema of the arguments, without what no model needs: the dialect, limits of doubles and empty texts, and that
 * objects are closed, which an error says.
 */
export function listedSchema(input: z.ZodObject): { type: 'object'; [key: string]: unknown } {
  const options = { io: 'input', override: ({ jsonSchema }: { jsonSchema: Schema }) => trim(jsonSchema) } as const;
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, options);
  return { ...schema, type: 'object' };
}

type Schema = z.core.JSONSchema.BaseSchema;

function trim(schema: Schema): void {
  delete schema.additionalProperties;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minLength === 1) delete schema.minLength;
  if (schema.minItems === 1) delete schema.minItems;
}
