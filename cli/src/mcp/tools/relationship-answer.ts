import { z } from 'zod';
import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const columns = closedObject({ table: z.string().min(1), columns: z.array(z.string()).min(1) });

const input = closedObject({
  connectionId,
  from: columns.describe('Referencing columns, or those of a key'),
  to: columns.optional().describe('Referenced columns in order; none for a key'),
  status: z.enum(['accepted', 'rejected']),
});

/** `relationship_answer`. */
export function relationshipAnswer({ relationships }: KtxMcpContextTools) {
  return (
    relationships &&
    defineTool({
      name: 'relationship_answer',
      title: 'Answer about a relationship',
      description:
        'Records whether a relationship or a key is one. A wrong one gives wrong numbers: answer what you have checked, or ask the user.',
      input,
      effects: { readOnly: false, idempotent: true, openWorld: false },
      run: ({ to, ...request }) => relationships.answer(to === undefined ? request : { ...request, to }),
    })
  );
}
