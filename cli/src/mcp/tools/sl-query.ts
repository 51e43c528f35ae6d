import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { maxRows, resultSet, semanticQuery } from '../semantic-schemas.js';
import { truncateToSize } from '../size.js';
import { defineTool } from '../tool.js';

const compileInput = z.strictObject({ connectionId, query: semanticQuery });

const executeInput = compileInput.extend({
  execute: z.boolean().default(false).describe('Also execute the SQL, read-only'),
  maxRows,
});

const output = z.looseObject({
  connectionId: z.string(),
  sql: z.string(),
  dialect: z.string(),
  columns: z.array(
    z.looseObject({
      name: z.string().describe('Field of the query, such as customers.segment'),
      alias: z.string().describe('Name in the SQL and in the rows'),
    }),
  ),
  plan: z
    .looseObject({
      warnings: z.array(z.string()).describe('Possible misinterpretations of the numbers'),
    })
    .describe('Query plan: how the numbers are computed'),
  result: resultSet.optional().describe('Rows, if the SQL was executed'),
});

/** `sl_query`; it executes SQL only on a server that may execute queries. */
export function slQuery({ semanticLayer, sql }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_query',
      title: 'Query the semantic layer',
      description:
        'Compiles measures, dimensions and filters of semantic sources to SQL, without double counting across joins.',
      input: sql === undefined ? compileInput : executeInput,
      output,
      effects: { readOnly: true, openWorld: sql !== undefined },
      run: async (args, call) => {
        const answer = await semanticLayer.query(withoutUndefined(args), call);
        return answer.result === undefined
          ? answer
          : truncateToSize(answer.result, (result) => ({ ...answer, result }));
      },
    })
  );
}

/** Removes keys whose value is `undefined`. */
function withoutUndefined<T extends object>(args: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as never;
}
