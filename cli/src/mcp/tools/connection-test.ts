import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

/** `connection_test`. */
export function connectionTest({ connections }: KtxMcpContextTools) {
  return (
    connections?.test &&
    defineTool({
      name: 'connection_test',
      title: 'Test a connection',
      description: 'Connects to a database and counts its tables.',
      input: closedObject({ connectionId }),
      effects: { readOnly: true, openWorld: true },
      run: async (args, call) => ({ ...(await connections.test?.(args, call)) }),
    })
  );
}
