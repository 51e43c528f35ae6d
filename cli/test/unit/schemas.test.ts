/** The types of `index.d.ts` and the arguments of the MCP tools beside the daemon's types, from which `schemas` is made. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { semanticQuery, semanticSource } from '../../src/mcp/semantic-schemas.js';
import { PACKAGE_DIR } from '../support/ktx.js';
import { type JsonSchema, linesOf, without } from '../support/schema-lines.js';

const generator = createGenerator({ path: join(PACKAGE_DIR, 'index.d.ts'), type: '*', skipTypeCheck: true });

const declared = (name: string) => generator.createSchema(name) as JsonSchema;

function daemons(file: string, definition?: string): JsonSchema {
  const schema = JSON.parse(readFileSync(join(PACKAGE_DIR, 'schemas', `${file}.json`), 'utf8'));
  return definition === undefined ? schema : { ...schema, $ref: `#/$defs/${definition}` };
}

/** Each with the properties that differ on purpose, and the reason. */
const declarations: [name: string, schema: JsonSchema, different: Record<string, string>][] = [
  ['KtxSemanticSource', daemons('semantic-source'), {}],
  [
    'KtxSemanticQuery',
    daemons('semantic-query'),
    { 'dimensions[].granularity': 'a text that a person typed; the daemon lists the allowed ones' },
  ],
  [
    'KtxSemanticQueryResult',
    daemons('compiled-query'),
    { connection_id: 'of the project', result: 'of another answer' },
  ],
  ['KtxSemanticPlan', daemons('compiled-query', 'PlanSummary'), {}],
  ['KtxSemanticValidation', daemons('validation'), { connection_id: 'of the project', sources: 'of the project' }],
  [
    'KtxSqlResult',
    daemons('query-result'),
    { connection_id: 'of the project', truncated_by: 'a semantic query has a limit of its own' },
  ],
  ['KtxSemanticTable', daemons('generate-sources', 'Table'), { source_name: 'of the files of a project' }],
  ['KtxSemanticLink', daemons('generate-sources', 'Link'), { relationship_type: 'any spelling is read' }],
  [
    'KtxErrorResponse',
    daemons('error'),
    { id: 'of the log', code: 'a one-shot command has none, and daemons of other versions have others' },
  ],
];

describe.each(declarations)('the declaration %s', (name, schema, different) => {
  it('has the properties of the type of the daemon', () => {
    const [ours, theirs] = [linesOf(declared(name)), linesOf(schema)];
    const paths = Object.keys(different);
    expect(without(ours, paths)).toEqual(without(theirs, paths));
    for (const path of paths) expect(ours[path], path).not.toBe(theirs[path]);
  });
});

const tools: [name: string, type: z.ZodType, schema: JsonSchema][] = [
  ['a source', semanticSource, daemons('semantic-source')],
  ['a query', semanticQuery, daemons('semantic-query')],
];

describe.each(tools)('the argument of the MCP tools for %s', (_, type, schema) => {
  it('has the properties of the type of the daemon', () => {
    expect(linesOf(z.toJSONSchema(type, { io: 'input' }) as JsonSchema)).toEqual(linesOf(schema));
  });
});

describe('a schema that has changed', () => {
  const changes: [what: string, change: (definitions: Record<string, JsonSchema>) => void][] = [
    ['a new property', ({ Measure }) => Object.assign(Measure?.properties ?? {}, { format: { type: 'string' } })],
    ['a property less', ({ Segment }) => delete Segment?.properties?.expr],
    ['another type', ({ Source }) => Object.assign(Source?.properties?.grain ?? {}, { items: { type: 'integer' } })],
    ['a new value', ({ Column }) => Column?.properties?.type?.enum?.push('list')],
    ['a property that may be absent', ({ Join }) => Join?.required?.pop()],
  ];
  const matches = [declared('KtxSemanticSource'), z.toJSONSchema(semanticSource, { io: 'input' }) as JsonSchema];

  it.each(changes)('by %s differs from the declaration and the argument', (_, change) => {
    const schema = daemons('semantic-source');
    const before = linesOf(schema);
    change(schema.$defs ?? {});
    for (const match of matches) {
      expect(linesOf(match)).toEqual(before);
      expect(linesOf(match)).not.toEqual(linesOf(schema));
    }
  });
});
