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
import type { ReadFailure } from '../site/failure.js';
import { codeOf, type LoadContext } from './context.js';
import { failureOf } from './replies.js';

/** Number of runs that pages show. */
const MAX_RUNS = 500;

/** Tables of the newest scan, sorted by name; `failure` without a scan, or if its files are damaged. */
export function scanOf(
  context: LoadContext,
  connectionId: string,
): Promise<{ tables: KtxTableSummary[]; failure: ReadFailure | null }> {
  return context.once(`tables ${connectionId}`, async () => {
    try {
      return { tables: await listKtxTables({ ...context.options, connectionId }), failure: null };
    } catch (error) {
      return { tables: [], failure: shownFailure(requireScanFailure(context, error)) };
    }
  });
}

/** Tables of the newest scan, sorted by name; none before the first scan. */
export async function scannedTables(context: LoadContext, connectionId: string): Promise<KtxTableSummary[]> {
  return (await scanOf(context, connectionId)).tables;
}

/** All tables of the newest scan, with their columns and profiles; none before the first scan. */
export function describedTables(context: LoadContext, connectionId: string): Promise<KtxTable[]> {
  return context.once(`described tables ${connectionId}`, () =>
    orWithoutScan(context, readKtxTables({ ...context.options, connectionId }), []),
  );
}

/** The result of reading a scan, or another value if there is none, or if static files leave out a damaged one. */
async function orWithoutScan<T>(context: LoadContext, result: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await result;
  } catch (error) {
    requireScanFailure(context, error);
    return otherwise;
  }
}

/** Returns the error of a scan that pages can be made without: a server shows the error of a damaged one. */
function requireScanFailure(context: LoadContext, error: unknown): unknown {
  const isDamaged = (error as Error).cause !== undefined;
  if (codeOf(error) === 'KTX_SCAN_MISSING' && !(isDamaged && context.live)) return error;
  throw error;
}

function shownFailure(error: unknown): ReadFailure {
  const { message, hint = null } = failureOf(error);
  return { message, hint };
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
    orWithoutScan<KtxRelationshipList | undefined>(
      context,
      listKtxRelationships({ ...context.options, connectionId }),
      undefined,
    ),
  );
}

/** Sources of the semantic layer, including files that cannot be read. */
export function semanticSources(context: LoadContext, connectionId: string): Promise<KtxSemanticSourceSummary[]> {
  return context.once(`sources ${connectionId}`, () =>
    listKtxSemanticSources({ ...context.options, connectionId, withoutDenied: true }),
  );
}

/** The recorded runs, if their store can be read. */
export interface RunRecord {
  /** The newest first. */
  runs: KtxRunReport[];
  /** For pages; those of static files do not say where the store is. */
  failure: ReadFailure | null;
  /** The error that it is of. */
  cause: ReadFailure | null;
}

/** Reads the recorded runs. A damaged store has none: the pages that do not need them can be shown. */
export function runRecord(context: LoadContext): Promise<RunRecord> {
  const { projectDir } = context.options;
  return context.once('runs', async () => {
    try {
      return { runs: await listKtxRuns({ projectDir, limit: MAX_RUNS }), failure: null, cause: null };
    } catch (error) {
      if (codeOf(error) !== 'KTX_STORE_FAILED') throw error;
      const cause = shownFailure(error);
      const inFiles = { message: 'The record of the runs could not be read when these pages were written', hint: null };
      return { runs: [], failure: context.live ? cause : inFiles, cause };
    }
  });
}

/** Recorded runs, the newest first; none if their store cannot be read. */
export async function recordedRuns(context: LoadContext): Promise<KtxRunReport[]> {
  return (await runRecord(context)).runs;
}
