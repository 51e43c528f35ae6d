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
        'Creates a semantic source, or replaces the one of the same name. An invalid source is rejected and changes nothing.',
      input: z.strictObject({ connectionId, source: semanticSource }),
      output: semanticFile.extend({
        status: z.enum(['created', 'replaced', 'unchanged']),
        validated: z.boolean().describe('False if no runtime was available: validate later with sl_validate'),
        warnings: z.array(z.string()).describe('Warnings of this source, and problems that it causes in other sources'),
      }),
      effects: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
      run: (args, call) => semanticLayer.writeSource(args, call),
    })
  );
}
