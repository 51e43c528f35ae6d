/** What several pages read of the project. */

import {
  type KtxRelationshipList,
  type KtxRunReport,
  type KtxSemanticSourceSummary,
  type KtxTable,
  type KtxTableSummary,
  listKtxRelationships,
  listKtxRuns,
  listKtxSemanticSources,
  listKtxTables,
  readKtxTable,
  readKtxTables,
} from '@kaelio/ktx';
import { type LoadContext, orMissing } from './context.js';

/** Number of runs that pages show. */
const MAX_RUNS = 500;

/** Tables of the newest scan, sorted by name; none before the first scan. */
export function scannedTables(context: LoadContext, connectionId: string): Promise<KtxTableSummary[]> {
  return context.once(`tables ${connectionId}`, async () => {
    const listing = listKtxTables({ ...context.options, connectionId });
    return (await orMissing(listing, 'KTX_SCAN_MISSING')) ?? [];
  });
}

/** All tables of the newest scan, with their columns and profiles; none before the first scan. */
export function describedTables(context: LoadContext, connectionId: string): Promise<KtxTable[]> {
  return context.once(`described tables ${connectionId}`, async () => {
    return (await orMissing(readKtxTables({ ...context.options, connectionId }), 'KTX_SCAN_MISSING')) ?? [];
  });
}

/** A table of the newest scan, by its name with its schema. Static files, which have a page of each, read all at once. */
export async function describedTable(context: LoadContext, connectionId: string, name: string): Promise<KtxTable> {
  if (context.live) return readKtxTable({ ...context.options, connectionId, name });
  const found = (await describedTables(context, connectionId)).find((table) => nameOfTable(table) === name);
  return found ?? readKtxTable({ ...context.options, connectionId, name });
}

/** Name of a table with its schema. */
export function nameOfTable({ schema, name }: Pick<KtxTableSummary, 'schema' | 'name'>): string {
  return schema === null ? name : `${schema}.${name}`;
}

/** Keys and relationships; `undefined` before the first scan that detects them. */
export function relationshipsOf(context: LoadContext, connectionId: string): Promise<KtxRelationshipList | undefined> {
  return context.once(`relationships ${connectionId}`, () =>
    orMissing(listKtxRelationships({ ...context.options, connectionId }), 'KTX_SCAN_MISSING'),
  );
}

/** Sources of the semantic layer, including files that cannot be read. */
export function semanticSources(context: LoadContext, connectionId: string): Promise<KtxSemanticSourceSummary[]> {
  return context.once(`sources ${connectionId}`, () =>
    listKtxSemanticSources({ ...context.options, connectionId, withoutDenied: true }),
  );
}

/** Recorded runs, the newest first. */
export function recordedRuns(context: LoadContext): Promise<KtxRunReport[]> {
  const { projectDir } = context.options;
  return context.once('runs', () => listKtxRuns({ projectDir, limit: MAX_RUNS }));
}
