/** Schemas that several tools share. Results may have additional keys, which clients ignore. */

import { z } from 'zod';

/** Argument: a connection. */
export const connectionId = z.string().min(1).describe('Id of a connection in ktx.yaml, as listed by connection_list');

/** Argument: a recorded run. */
export const runId = z
  .string()
  .min(1)
  .describe('Id of a recorded run, as returned by scan_run, ingest_run and ingest_status');

const names = z.array(z.string());

const counts = z.looseObject({ added: z.int(), modified: z.int(), deleted: z.int(), unchanged: z.int() });

/** Result: a run without its lists. */
export const runSummary = z.looseObject({
  runId: z.string(),
  connectionId: z.string(),
  source: z.string().describe('The adapter; scans are runs of live-database'),
  status: z.enum(['running', 'done', 'failed']),
  dryRun: z.boolean(),
  syncId: z.string().describe('Folder below raw-sources/<connection>/<source>/'),
  startedAt: z.string().describe('ISO 8601'),
  finishedAt: z.string().nullable(),
  diffSummary: counts.describe('Number of entities by change since the last successful sync'),
  error: z.string().nullable().describe('Why the run failed'),
});

/** Result: the complete report of a run. */
export const runReport = runSummary.extend({
  changes: z
    .looseObject({ added: names, modified: names, deleted: names })
    .describe('Names of the entities that changed'),
  workUnits: z
    .array(z.looseObject({ key: z.string(), entities: names }))
    .describe('Work that follows from the changes'),
  details: z
    .record(
      z.string(),
      z.array(
        z.looseObject({
          kind: z.enum(['added', 'removed', 'changed', 'renamed', 'omitted']).describe('renamed is a proposal'),
          object: z.enum(['table', 'column', 'index', 'unique_key', 'foreign_key', 'check']),
          name: z.string().nullable(),
          text: z.string(),
          affects: names.optional().describe('Semantic sources, joins, measures and segments that name it'),
        }),
      ),
    )
    .optional()
    .describe('Changes of tables, by name'),
  warnings: names,
  leftOut: z
    .looseObject({ tables: z.int(), columns: z.int(), templates: z.int().optional(), patterns: names })
    .optional()
    .describe('What the data policy of the connection left out'),
});
