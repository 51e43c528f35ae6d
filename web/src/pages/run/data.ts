/** Data of the page `run`. */

import type { KtxLeftOut, KtxProfileSummary, KtxRelationshipSummary, KtxRunReport } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { nameOfTable, recordedRuns, runRecord, scannedTables, semanticSources } from '../../node/project-data.js';
import { pageOfTable } from '../../site/plain-name.js';
import type { Route } from '../../site/route.js';
import { type RunSummary, SCAN_SOURCE, summaryOf } from '../../site/run-summary.js';
import { type EntityList, entityLists } from './entities.js';

/** A change of a profile. */
export interface ShownProfileChange {
  table: string;
  column: string;
  text: string;
  /** The name of the page of its table, if it has one. */
  page: string | null;
}

/** Data of the page. */
export interface RunData {
  run: RunSummary;
  /** Whether the connection is a database that `ktx.yaml` still names. */
  isDatabase: boolean;
  /** Why the run failed; static files do not say it, as it may name machines and files. */
  error: string | null;
  lists: EntityList[];
  /** Number of changed tables without details. */
  detailsLeftOut: number;
  /** Semantic sources with a page. */
  sources: string[];
  profile: KtxProfileSummary | null;
  profileChanges: ShownProfileChange[];
  relationships: KtxRelationshipSummary | null;
  /** Without patterns, which name what is denied. */
  leftOut: Omit<KtxLeftOut, 'patterns'> | null;
  warnings: string[];
  workUnits: { key: string; entities: number }[];
}

/** Loads the data. */
export async function loadRun(context: LoadContext, route: Route & { page: 'run' }): Promise<RunData> {
  const run = (await recordedRuns(context)).find(({ runId }) => runId === route.name);
  if (run === undefined) throw new Error(`The run ${route.name} is not recorded any more`);
  const isDatabase = context.databases.some(({ id }) => id === run.connectionId);
  const [tables, sources] = await Promise.all([
    isDatabase && run.source === SCAN_SOURCE ? scannedTables(context, run.connectionId) : [],
    isDatabase ? semanticSources(context, run.connectionId) : [],
  ]);
  const existing = new Set(tables.map(nameOfTable));
  return {
    run: summaryOf(run),
    isDatabase,
    error: context.live ? run.error : null,
    lists: entityLists(run, existing),
    detailsLeftOut: run.detailsLeftOut ?? 0,
    sources: affectedSources(
      run,
      sources.filter(({ error }) => error === null).map(({ name }) => name),
    ),
    profile: run.profile ?? null,
    profileChanges: (run.profileChanges ?? []).map((each) => ({ ...each, page: pageOfTable(each.table, existing) })),
    relationships: run.relationships ?? null,
    leftOut: leftOutOf(run),
    warnings: run.warnings,
    workUnits: run.workUnits.map(({ key, entities }) => ({ key, entities: entities.length })),
  };
}

function leftOutOf({ leftOut }: KtxRunReport): RunData['leftOut'] {
  if (leftOut === undefined) return null;
  const { patterns: _, ...counts } = leftOut;
  return counts;
}

/** The sources that changes affect, of those that exist. */
function affectedSources({ details = {} }: KtxRunReport, names: string[]): string[] {
  const affects = new Set(Object.values(details).flatMap((changes) => changes.flatMap((each) => each.affects ?? [])));
  const words = [...affects].map((each) => each.slice(each.indexOf(' ') + 1));
  const wanted = new Set(words.flatMap((each) => [each, each.slice(0, Math.max(each.indexOf('.'), 0))]));
  return names.filter((name) => wanted.has(name));
}

/** Ids of the runs. Rejects in the server if they cannot be read: the page of a run says why. */
export async function listRuns(context: LoadContext): Promise<string[]> {
  const { runs, cause } = await runRecord(context);
  if (cause !== null && context.live) throw Object.assign(new Error(cause.message), { hint: cause.hint ?? undefined });
  return runs.map(({ runId }) => runId);
}
