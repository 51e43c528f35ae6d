import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { semanticFile, semanticSource } from '../semantic-schemas.js';
import { defineTool } from '../tool.js';

/** `sl_write_source`. */
export function slWriteSource({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_write_source',
      title: 'Write a semantic source',
      description:
        'Writes a semantic source as a whole; one of the same name is replaced. What is invalid is refused and changes nothing.',
      input: z.strictObject({ connectionId, source: semanticSource }),
      output: semanticFile.extend({
        status: z.enum(['created', 'replaced', 'unchanged']),
        validated: z.boolean().describe('False where no runtime can be used: check it with sl_validate later'),
        warnings: z.array(z.string()).describe('Of this source, and what it has made wrong in others'),
      }),
      effects: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
      run: (args, call) => semanticLayer.writeSource(args, call),
    })
  );
}
