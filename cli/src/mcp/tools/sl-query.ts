import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { maxRows, resultSet, semanticQuery } from '../semantic-schemas.js';
import { withinSize } from '../size.js';
import { defineTool } from '../tool.js';

const compiling = z.strictObject({ connectionId, query: semanticQuery });

const running = compiling.extend({
  execute: z.boolean().default(false).describe('Run the SQL as well, read-only'),
  maxRows,
});

const output = z.looseObject({
  connectionId: z.string(),
  sql: z.string(),
  dialect: z.string(),
  columns: z.array(
    z.looseObject({
      name: z.string().describe('As asked, such as customers.segment'),
      alias: z.string().describe('Its name in the SQL and in the rows'),
    }),
  ),
  plan: z
    .looseObject({
      warnings: z.array(z.string()).describe('Likely misreadings of the numbers'),
    })
    .describe('Query plan: how the numbers are computed'),
  result: resultSet.optional().describe('Rows, where the SQL was run'),
});

/** `sl_query`; it runs what it compiled only on a server that may run queries. */
export function slQuery({ semanticLayer, sql }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_query',
      title: 'Query the semantic layer',
      description: 'Compiles measures, dimensions and filters of semantic sources to SQL whose numbers are right.',
      input: sql === undefined ? compiling : running,
      output,
      effects: { readOnly: true, openWorld: sql !== undefined },
      run: async (args, call) => {
        const answer = await semanticLayer.query(withoutUndefined(args), call);
        return answer.result === undefined ? answer : withinSize(answer.result, (result) => ({ ...answer, result }));
      },
    })
  );
}

/** Absent options are absent. */
function withoutUndefined<T extends object>(args: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as never;
}
