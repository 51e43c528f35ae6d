/** Repairs arguments as clients send them: lists and objects as JSON text, and null for what is absent. */

import { z } from 'zod';

/** Arguments without nulls for optional keys, and with their lists and objects parsed. */
export function repairArguments(schema: z.ZodType, value: unknown): unknown {
  const { type, isOptional } = unwrap(schema);
  if (value === null && isOptional) return undefined;
  if (type instanceof z.ZodObject) return repairObject(type, parsedText(value, '{'));
  if (type instanceof z.ZodArray) return repairList(type, parsedText(value, '['));
  if (type instanceof z.ZodUnion) return repairUnion(type, value);
  return value;
}

function repairObject(type: z.ZodObject, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const field = Object.hasOwn(type.shape, key) ? type.shape[key] : undefined;
    return [key, field === undefined ? each : repairArguments(field as z.ZodType, each)] as const;
  });
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

function repairList(type: z.ZodArray, value: unknown): unknown {
  return Array.isArray(value) ? value.map((each) => repairArguments(type.element as z.ZodType, each)) : value;
}

/** A text may be an alternative of its own, so that it is not parsed. */
function repairUnion(type: z.ZodUnion, value: unknown): unknown {
  const object = type.options.find((option) => option instanceof z.ZodObject);
  return object === undefined || typeof value !== 'object' ? value : repairArguments(object, value);
}

function unwrap(schema: z.ZodType): { type: z.ZodType; isOptional: boolean } {
  let type = schema;
  while (type instanceof z.ZodOptional || type instanceof z.ZodDefault) type = type.unwrap() as z.ZodType;
  return { type, isOptional: type !== schema };
}

/** The value of a JSON text that begins with the bracket; any other value as it is. */
export function parsedText(value: unknown, bracket: '{' | '['): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith(bracket)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
