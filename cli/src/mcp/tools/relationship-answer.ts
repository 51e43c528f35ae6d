import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const columns = z.strictObject({ table: z.string().min(1), columns: z.array(z.string()).min(1) });

const input = z.strictObject({
  connectionId,
  from: columns.describe('Referencing columns, or those of a key'),
  to: columns.optional().describe('Referenced columns in the same order; without them, the answer is about a key'),
  status: z.enum(['accepted', 'rejected']),
});

const output = z.looseObject({
  connectionId: z.string(),
  path: z.string(),
  from: z.looseObject({}),
  to: z.looseObject({}).optional(),
  status: z.string(),
});

/** `relationship_answer`. */
export function relationshipAnswer({ relationships }: KtxMcpContextTools) {
  return (
    relationships &&
    defineTool({
      name: 'relationship_answer',
      title: 'Answer about a relationship',
      description:
        'Records that a relationship or a key is one, or is none, in a file of the project. A wrong relationship gives ' +
        'wrong numbers: answer what you have checked, or ask the user.',
      input,
      output,
      effects: { readOnly: false, idempotent: true, openWorld: false },
      run: ({ to, ...request }) => relationships.answer(to === undefined ? request : { ...request, to }),
    })
  );
}
