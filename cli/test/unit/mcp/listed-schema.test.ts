import { expect, it } from 'vitest';
import { z } from 'zod';
import { closedObject, stringOr } from '../../../src/mcp/closed-object.js';
import { listedSchema, unlisted } from '../../../src/mcp/listed-schema.js';

it('a listed schema has texts in place of texts or objects, and no key that is unlisted', () => {
  const input = closedObject({
    fields: z.array(stringOr(closedObject({ field: z.string() }))),
    paths: z.record(z.string(), z.string()).optional().describe('Join paths'),
    more: closedObject({ a: z.int(), b: unlisted(z.string().optional()) }),
  });
  expect(listedSchema(input)).toEqual({
    type: 'object',
    properties: {
      fields: { type: 'array', items: { type: 'string' } },
      paths: { type: 'object', description: 'Join paths' },
      more: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
    },
    required: ['fields', 'more'],
  });
  expect(input.safeParse({ fields: [{ field: 'x' }], more: { a: -1, b: 'y' } }).success).toBe(true);
});
