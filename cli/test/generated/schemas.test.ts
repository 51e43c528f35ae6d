/** Compares the types of `index.d.ts` and the arguments of the MCP tools with `schemas`, generated from the daemon. */

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

function daemonSchema(file: string, definition?: string): JsonSchema {
  const schema = JSON.parse(readFileSync(join(PACKAGE_DIR, 'schemas', `${file}.json`), 'utf8'));
  return definition === undefined ? schema : { ...schema, $ref: `#/$defs/${definition}` };
}

/** Declarations, with the properties that differ on purpose and the reason. */
const declarations: [name: string, schema: JsonSchema, different: Record<string, string>][] = [
  ['KtxSemanticSource', daemonSchema('semantic-source'), {}],
  [
    'KtxSemanticQuery',
    daemonSchema('semantic-query'),
    { 'dimensions[].granularity': 'any string in the declaration; the daemon lists the allowed ones' },
  ],
  [
    'KtxSemanticQueryResult',
    daemonSchema('compiled-query'),
    { connection_id: 'of the project', result: 'of another answer', total_rows: 'of another answer' },
  ],
  ['KtxSemanticPlan', daemonSchema('compiled-query', 'PlanSummary'), {}],
  ['KtxSemanticModel', daemonSchema('metrics.yaml'), {}],
  ['KtxSemanticValidation', daemonSchema('validation'), { connection_id: 'of the project', sources: 'of the project' }],
  [
    'KtxSqlResult',
    daemonSchema('query-result'),
    { connection_id: 'of the project', truncated_by: 'only a semantic query has a limit' },
  ],
  [
    'KtxSemanticTable',
    daemonSchema('generate-sources', 'Table'),
    {
      source_name: 'of the files of a project',
      grain: 'of the scans of a project',
      rows: 'of the profiles of a project',
      'columns[].facts': 'of the profiles of a project',
      'columns[].foreign_key': 'of the scans of a project',
      'columns[].enum_values': 'of the scans of a project',
      checks: 'of the scans of a project',
      'checks[].expression': 'of the scans of a project',
      'checks[].name': 'of the scans of a project',
    },
  ],
  ['KtxSemanticLink', daemonSchema('generate-sources', 'Link'), { relationship_type: 'any string is accepted' }],
  [
    'KtxErrorResponse',
    daemonSchema('error'),
    { id: 'of the log', code: 'a one-shot command has none, and daemons of other versions have others' },
  ],
];

describe.each(declarations)('the declaration %s', (name, schema, different) => {
  it('has the properties of the type of the daemon', () => {
    const [declaredLines, schemaLines] = [linesOf(declared(name)), linesOf(schema)];
    const paths = Object.keys(different);
    expect(without(declaredLines, paths)).toEqual(without(schemaLines, paths));
    for (const path of paths) expect(declaredLines[path], path).not.toBe(schemaLines[path]);
  });
});

const tools: [name: string, type: z.ZodType, schema: JsonSchema][] = [
  ['a source', semanticSource, daemonSchema('semantic-source')],
  ['a query', semanticQuery, daemonSchema('semantic-query')],
];

describe.each(tools)('the argument of the MCP tools for %s', (_, type, schema) => {
  it('has the properties of the type of the daemon', () => {
    expect(linesOf(z.toJSONSchema(type, { io: 'input' }) as JsonSchema)).toEqual(linesOf(schema));
  });
});

describe('a schema that has changed', () => {
  const changes: [what: string, change: (definitions: Record<string, JsonSchema>) => void][] = [
    ['a new property', ({ Measure }) => Object.assign(Measure?.properties ?? {}, { owner: { type: 'string' } })],
    ['a removed property', ({ Segment }) => delete Segment?.properties?.expr],
    ['a changed type', ({ Source }) => Object.assign(Source?.properties?.grain ?? {}, { items: { type: 'integer' } })],
    ['a new value', ({ Column }) => Column?.properties?.type?.enum?.push('list')],
    ['a property that became optional', ({ Join }) => Join?.required?.pop()],
  ];
  const matches = [declared('KtxSemanticSource'), z.toJSONSchema(semanticSource, { io: 'input' }) as JsonSchema];

  it.each(changes)('by %s differs from the declaration and the argument', (_, change) => {
    const schema = daemonSchema('semantic-source');
    const before = linesOf(schema);
    change(schema.$defs ?? {});
    for (const match of matches) {
      expect(linesOf(match)).toEqual(before);
      expect(linesOf(match)).not.toEqual(linesOf(schema));
    }
  });
});
