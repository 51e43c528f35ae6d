import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { defineTool } from '../tool.js';

/** `connection_list`. */
export function connectionList({ connections }: KtxMcpContextTools) {
  return (
    connections &&
    defineTool({
      name: 'connection_list',
      title: 'List connections',
      description: 'Lists the connections of this project, without their secrets.',
      input: closedObject({}),
      effects: { readOnly: true, openWorld: false },
      run: async () => ({ connections: await connections.list() }),
    })
  );
}
