/** Input schemas as the tool list has them: a client sends the list to its model with each question. */

import { z } from 'zod';

/**
 * JSON Schema of the arguments, without what no model needs: the dialect, limits of doubles and empty texts, and that
 * objects are closed, which an error says. What may be a text or an object is listed as a text, which says the same.
 */
export function listedSchema(input: z.ZodObject): { type: 'object'; [key: string]: unknown } {
  const options = { io: 'input', override: ({ jsonSchema }: { jsonSchema: Schema }) => trim(jsonSchema) } as const;
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, options);
  return { ...schema, type: 'object' };
}

/** Leaves a key out of the list; the description of its object has it in fewer words. */
export function unlisted<Type extends z.ZodType>(type: Type): Type {
  return type.meta({ unlisted: true });
}

type Schema = z.core.JSONSchema.BaseSchema;

function trim(schema: Schema): void {
  delete schema.additionalProperties;
  delete schema.propertyNames;
  for (const [key, each] of Object.entries(schema.properties ?? {})) {
    if (typeof each === 'object' && each.unlisted) delete schema.properties?.[key];
  }
  const [text, object, ...more] = schema.anyOf ?? [];
  if (text?.type === 'string' && object?.type === 'object' && more.length === 0) {
    delete schema.anyOf;
    schema.type = 'string';
  }
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minLength === 1) delete schema.minLength;
  if (schema.minItems === 1) delete schema.minItems;
}
