import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { defineTool } from '../tool.js';

const connection = z.looseObject({
  id: z.string(),
  driver: z.string(),
  readonly: z.boolean().describe('Only read-only connections can be scanned or queried'),
  target: z.string().describe('Server, file or secret reference, without credentials'),
});

/** `connection_list`. */
export function connectionList({ connections }: KtxMcpContextTools) {
  return (
    connections &&
    defineTool({
      name: 'connection_list',
      title: 'List connections',
      description: 'Lists the connections of this project, without their secrets.',
      input: z.strictObject({}),
      output: z.object({ connections: z.array(connection) }),
      effects: { readOnly: true, openWorld: false },
      run: async () => ({ connections: await connections.list() }),
    })
  );
}
