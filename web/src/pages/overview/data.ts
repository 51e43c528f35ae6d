/** Data of the page `overview`. */

import { type KtxProjectConnection, type KtxRelationshipList, listKtxPages, listKtxQueryHistory } from '@kaelio/ktx';
import { type LoadContext, orMissing } from '../../node/context.js';
import { driverTitle, isDatabase, shownTarget } from '../../node/database.js';
import { recordedRuns, relationshipsOf, runRecord, scannedTables, semanticSources } from '../../node/project-data.js';
import { semanticModel } from '../../node/semantic-model.js';
import type { ReadFailure } from '../../site/failure.js';
import { newestRun, type RunSummary, SCAN_SOURCE, summaryOf } from '../../site/run-summary.js';
import { type ChangedName, changedNames } from './changed.js';

/** Number of changed tables of a scan that are listed. */
const MAX_CHANGED = 6;

/** Numbers of what is known of a database. */
export interface DatabaseCounts {
  tables: number;
  views: number;
  columns: number;
  sources: number;
  measures: number;
  /** Files of sources that cannot be used. */
  invalidSources: number;
  /** Accepted relationships and those to review; `null` before a scan that detects them. */
  relationships: { accepted: number; review: number } | null;
  /** Templates of the query history; `null` if it was not read. */
  templates: number | null;
}

/** A connection, without credentials. */
export interface ShownConnection {
  id: string;
  driver: string;
  /** Name of the product. */
  product: string;
  target: string;
  /** The newest scan or ingest. */
  newest: RunSummary | null;
}

/** A database, and what is known of it. */
export interface ShownDatabase extends ShownConnection {
  counts: DatabaseCounts;
  /** The first tables that the newest scan found to be changed, and the number of the others. */
  changed: ChangedName[];
  moreChanged: number;
}

/** Data of the page. */
export interface OverviewData {
  environment: string | null;
  warnings: string[];
  /** Why the runs cannot be read. */
  runsFailure: ReadFailure | null;
  metrics: number;
  notes: number;
  databases: ShownDatabase[];
  /** Connections to tools that are not databases. */
  services: ShownConnection[];
}

/** Loads the data. */
export async function loadOverview(context: LoadContext): Promise<OverviewData> {
  const { project, options, databases } = context;
  const services = project.connections.filter((each) => !isDatabase(context, each));
  const [model, notes, shown, shownServices] = await Promise.all([
    semanticModel(context),
    listKtxPages(options),
    Promise.all(databases.map((each) => loadDatabase(context, each))),
    Promise.all(services.map((each) => loadConnection(context, each))),
  ]);
  return {
    environment: project.environment ?? null,
    warnings: project.warnings,
    runsFailure: (await runRecord(context)).failure,
    metrics: model.metrics.length,
    notes: notes.length,
    databases: shown,
    services: shownServices,
  };
}

async function loadConnection(context: LoadContext, connection: KtxProjectConnection): Promise<ShownConnection> {
  const { id, driver } = connection;
  const newest = await newestOf(context, connection);
  const target = shownTarget(connection, context);
  return { id, driver, product: driverTitle(driver), target, newest: newest === undefined ? null : summaryOf(newest) };
}

async function newestOf(context: LoadContext, connection: KtxProjectConnection) {
  const source = isDatabase(context, connection) ? SCAN_SOURCE : connection.driver;
  const { environment } = context.project;
  return newestRun(await recordedRuns(context), { connectionId: connection.id, source, environment });
}

async function loadDatabase(context: LoadContext, connection: KtxProjectConnection): Promise<ShownDatabase> {
  const [shown, newest, counts, tables] = await Promise.all([
    loadConnection(context, connection),
    newestOf(context, connection),
    loadCounts(context, connection.id),
    scannedTables(context, connection.id),
  ]);
  const changed = newest === undefined ? [] : changedNames(newest, tables);
  const moreChanged = Math.max(changed.length - MAX_CHANGED, 0);
  return { ...shown, counts, changed: changed.slice(0, MAX_CHANGED), moreChanged };
}

async function loadCounts(context: LoadContext, connectionId: string): Promise<DatabaseCounts> {
  const [tables, sources, list, history] = await Promise.all([
    scannedTables(context, connectionId),
    semanticSources(context, connectionId),
    relationshipsOf(context, connectionId),
    orMissing(listKtxQueryHistory({ ...context.options, connectionId, top: 1 }), 'KTX_HISTORY_MISSING'),
  ]);
  const views = tables.filter(({ kind }) => kind === 'view').length;
  const usable = sources.filter(({ error }) => error === null);
  return {
    tables: tables.length,
    views,
    columns: sum(tables.map(({ columnCount }) => columnCount)),
    sources: usable.length,
    measures: sum(usable.map(({ measures }) => measures.length)),
    invalidSources: sources.length - usable.length,
    relationships: list === undefined ? null : countRelationships(list),
    templates: history?.templateCount ?? null,
  };
}

/** Accepted relationships, and relationships and keys to review. */
function countRelationships({ relationships, keys }: KtxRelationshipList): { accepted: number; review: number } {
  const accepted = relationships.filter(({ status }) => status === 'accepted').length;
  return { accepted, review: [...relationships, ...keys].filter(({ status }) => status === 'review').length };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
