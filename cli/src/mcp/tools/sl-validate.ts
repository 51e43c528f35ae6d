import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  connectionId,
  names: z.array(z.string().min(1)).min(1).optional().describe('Names of sources (default: all of the connection)'),
});

const problems = z.array(z.string());

const output = z.looseObject({
  connectionId: z.string(),
  valid: z.boolean(),
  errors: problems,
  warnings: problems,
  perSourceWarnings: z.record(z.string(), problems),
});

/** `sl_validate`. */
export function slValidate({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_validate',
      title: 'Validate semantic sources',
      description: 'Reports every problem of the semantic sources of a connection.',
      input,
      output,
      effects: { readOnly: true, openWorld: false },
      run: ({ connectionId, names }, call) =>
        semanticLayer.validate({ connectionId, ...(names === undefined ? {} : { names }) }, call),
    })
  );
}
