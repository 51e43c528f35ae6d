import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { maxRows, resultSet } from '../semantic-schemas.js';
import { truncateToSize } from '../size.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  connectionId,
  sql: z.string().min(1).describe('One query in the dialect of the connection'),
  maxRows,
});

/** `sql_execute`; registered only on a server that may execute queries. */
export function sqlExecute({ sql }: KtxMcpContextTools) {
  return (
    sql &&
    defineTool({
      name: 'sql_execute',
      title: 'Run a query',
      description:
        'Runs one read-only query on a connection. Statements that could change data are rejected before they are sent.',
      input,
      output: resultSet,
      effects: { readOnly: true, openWorld: true },
      run: async ({ connectionId, sql: text, maxRows }, call) => {
        const request = { connectionId, sql: text, ...(maxRows === undefined ? {} : { maxRows }) };
        return truncateToSize(await sql.execute(request, call), (result) => result);
      },
    })
  );
}
