import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { semanticFile } from '../semantic-schemas.js';
import { defineTool } from '../tool.js';

/** `sl_list_sources`. */
export function slListSources({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_list_sources',
      title: 'List semantic sources',
      description:
        'Lists the semantic sources of the project or of one connection, with their columns, measures and joins.',
      input: z.strictObject({ connectionId: connectionId.optional() }),
      output: z.object({ sources: z.array(semanticFile) }),
      effects: { readOnly: true, openWorld: false },
      run: async ({ connectionId }) => ({
        sources: await semanticLayer.listSources(connectionId === undefined ? {} : { connectionId }),
      }),
    })
  );
}
