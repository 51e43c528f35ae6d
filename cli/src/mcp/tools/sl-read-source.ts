import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { semanticFile, semanticSource } from '../semantic-schemas.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  connectionId,
  name: z.string().min(1).describe('Name of the source, as listed by sl_list_sources'),
});

/** `sl_read_source`. */
export function slReadSource({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_read_source',
      title: 'Read a semantic source',
      description: 'Reads a semantic source: its grain, columns, joins, measures and segments.',
      input,
      output: semanticFile.extend({ source: semanticSource }),
      effects: { readOnly: true, openWorld: false },
      run: (args) => semanticLayer.readSource(args),
    })
  );
}
