import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseArguments } from '../../../src/mcp/arguments.js';
import { closedObject } from '../../../src/mcp/closed-object.js';
import { semanticQuery } from '../../../src/mcp/semantic-schemas.js';
import { defineTool } from '../../../src/mcp/tool.js';

const tool = defineTool({
  name: 'sl_query',
  title: 'Query',
  description: 'Queries.',
  input: closedObject({
    connectionId: z.string(),
    query: semanticQuery,
    names: z.array(z.string()).optional(),
    kind: z.enum(['table', 'column']).optional(),
    size: z.int().min(1).max(50).optional(),
    dryRun: z.boolean().default(false),
  }),
  closedBy: { execute: '--execute-queries' },
  effects: { readOnly: true, openWorld: false },
  run: async () => ({}),
});

const parse = (args: object) => parseArguments(tool, { connectionId: 'shop', query: {}, ...args });

describe('parseArguments', () => {
  it('parses objects and lists that are JSON text', () => {
    const query = { measures: ['orders.revenue'], filters: ["a = '[1]'"] };
    const { args } = parse({ query: JSON.stringify(query), names: '["a", "b"]' });
    expect(args).toEqual({ connectionId: 'shop', query, names: ['a', 'b'], dryRun: false });
    expect(parse({ query: { measures: '["orders.revenue"]' } }).args.query).toEqual({ measures: ['orders.revenue'] });
  });

  it('leaves texts alone that are meant as texts', () => {
    expect(parse({ query: { measures: ['{a}'], filters: ['[x] = 1'] } }).args.query).toEqual({
      measures: ['{a}'],
      filters: ['[x] = 1'],
    });
  });

  it('takes null for an absent optional argument, at any depth', () => {
    const query = { measures: null, limit: null, dimensions: [{ field: 'a.b', granularity: null }] };
    expect(parse({ query, names: null, dryRun: null }).args).toEqual({
      connectionId: 'shop',
      query: { dimensions: [{ field: 'a.b' }] },
      dryRun: false,
    });
    expect(() => parse({ connectionId: null })).toThrow('connectionId: required');
  });

  it('says how many further arguments it ignores', () => {
    const { notes } = parse(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`zzzzzzzz${at}`, at])));
    expect(notes).toHaveLength(11);
    expect(notes.at(-1)).toBe('90 further unknown arguments were ignored');
  });

  it('refuses what would take long to compare', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`zzzzzzzz${at}`, at]));
    expect(() => parse(many(50_000))).toThrow(': 50002 arguments, more than 500');
    expect(() => parse({ query: many(1000) })).toThrow(/Unknown key zzzzzzzz9; [^;]*; 990 further unknown keys$/);
  });

  it('ignores an unknown argument that resembles none, and says so', () => {
    expect(parse({ reasoning: 'because' }).notes).toEqual(['the unknown argument reasoning was ignored']);
  });

  it.each([
    [{ name: ['a'] }, 'Unknown key name; did you mean names?'],
    [{ filters: [] }, 'Unknown key filters: filters belongs into query'],
    [{ where: 'x' }, 'Unknown key where: filters belongs into query'],
    [{ query: { filter: [] } }, 'query: Unknown key filter; did you mean filters?'],
    [{ query: { reasoning: 'x' } }, 'query: Unknown key reasoning; expected one of measures, '],
    [{ query: 'no JSON' }, 'query: expected an object'],
    [{ query: { measures: [5] } }, 'query.measures.0: expected a string or an object'],
    [
      { query: { dimensions: [{ field: 'a.b', granularity: 'fortnight' }] } },
      /granularity: expected one of second, min/,
    ],
    [
      { query: { parameters: { a: {} } } },
      'query.parameters.a: expected a string or a number or true or false or a list',
    ],
    [{ kind: 'tables' }, 'kind: expected one of table, column'],
    [{ size: 51 }, 'size: at most 50'],
    [{ size: 0 }, 'size: at least 1'],
    [{ size: 1.5 }, 'size: expected an integer'],
    [{ dryRun: 'yes' }, 'dryRun: expected true or false'],
    [{ execute: true }, 'sl_query cannot execute: the server was started without --execute-queries'],
  ])('rejects %j', (args, message) => {
    expect(() => parse(args)).toThrow(message);
  });

  it('names the arguments that are missing, what was ignored, and where the connections are', () => {
    expect(() => parseArguments(tool, { source: 'orders' })).toThrow(
      expect.objectContaining({
        message:
          'Invalid arguments of sl_query: connectionId: required; query: required; the unknown argument source was ignored',
        next: 'connection_list has the ids of the connections',
      }),
    );
  });
});
