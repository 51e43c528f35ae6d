import { z } from 'zod';
import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = closedObject({
  connectionId,
  names: z.array(z.string().min(1)).min(1).optional().describe('Default: all'),
});

/** `sl_source_validate`. */
export function slSourceValidate({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_source_validate',
      title: 'Validate semantic sources',
      description: 'Reports every problem of the semantic sources of a connection.',
      input,
      effects: { readOnly: true, openWorld: false },
      run: ({ connectionId, names }, call) =>
        semanticLayer.validate({ connectionId, ...(names === undefined ? {} : { names }) }, call),
    })
  );
}
