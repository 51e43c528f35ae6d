/** Arguments of a call: described to clients by a schema, and checked here, so that a failure is one of ours. */

import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { CliError } from '../errors.js';
import type { KtxMcpTool } from './tool.js';

/**
 * The schema as the protocol library lists it. The library itself takes any arguments: it would answer wrong ones with
 * plain text, where every other failure is a JSON document.
 */
export function describedBy(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
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
 * The arguments of a call, of the types that the tool expects.
 *
 * Errors: `KTX_ARGUMENT_INVALID` with every argument that is wrong, by its path.
 */
export function checkedArguments(tool: KtxMcpTool, args: Record<string, unknown>): Record<string, unknown> {
  const checked = tool.input.safeParse(args);
  if (checked.success) return checked.data;
  const wrong = checked.error.issues.map(({ path, message }) => {
    const where = path.map(String).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  const message = `Wrong arguments of ${tool.name}: ${wrong.join('; ')}`;
  throw new CliError(
    'KTX_ARGUMENT_INVALID',
    message,
    `Call ${tool.name} again with arguments that fit its input schema`,
  );
}
