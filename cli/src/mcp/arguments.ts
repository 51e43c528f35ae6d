/** Arguments of tool calls: their listed schema, and validation with errors of this package. */

import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { CliError } from '../errors.js';
import type { KtxMcpTool } from './tool.js';

/**
 * Returns the schema for the tool list, with validation by the protocol library disabled: the library would reject
 * invalid arguments with plain text, where every other failure is a JSON document.
 */
export function withoutValidation(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
  const { jsonSchema } = schema['~standard'];
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'ktx',
      jsonSchema,
      validate: (value: unknown) => ({ value: value as Record<string, unknown> }),
    },
  };
}

/**
 * Validates the arguments of a call.
 *
 * Errors: `KTX_ARGUMENT_INVALID` with every invalid argument, by its path.
 */
export function parseArguments(tool: KtxMcpTool, args: Record<string, unknown>): Record<string, unknown> {
  const parsed = tool.input.safeParse(args);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = path.map(String).join('.');
    return name === '' ? message : `${name}: ${message}`;
  });
  const message = `Invalid arguments of ${tool.name}: ${problems.join('; ')}`;
  throw new CliError(
    'KTX_ARGUMENT_INVALID',
    message,
    `Call ${tool.name} again with arguments that match its input schema`,
  );
}
