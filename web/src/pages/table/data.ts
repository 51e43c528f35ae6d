/** Data of the page `table`. */

import type { KtxTable, KtxTableColumn } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { productWithoutHistory } from '../../node/database.js';
import { notesByTable } from '../../node/noted-tables.js';
import { describedTable, nameOfTable, recordedRuns, scannedTables, semanticSources } from '../../node/project-data.js';
import { tableNames } from '../../node/table-names.js';
import { type ShownTemplate, shownTemplate, templatesByTable } from '../history/templates.js';
import { visibleChecks, withoutHiddenValues } from './hidden.js';
import { linksOf, type TableLinks } from './links.js';
import { type ColumnPlots, plotColumn } from './plots.js';
import { groupUses, type Use } from './uses.js';

/** A column with its plots in place of its profile. */
export interface ShownColumn extends Omit<KtxTableColumn, 'profile'> {
  plots: ColumnPlots | null;
}

/** Data of the page. */
export interface TableData {
  connectionId: string;
  /** With the schema. */
  name: string;
  /** What is known of the table itself. */
  facts: Omit<KtxTable, 'columns' | 'foreignKeys' | 'referencedBy' | 'usedBy' | 'checks'>;
  /** Id of the run that made the scan; `null` if it is not recorded. */
  runId: string | null;
  columns: ShownColumn[];
  checks: KtxTable['checks'] & object;
  /** Number of checks that are left out, as they name columns whose values are hidden. */
  hiddenChecks: number;
  links: TableLinks;
  /** Grouped by kind. */
  uses: { kind: string; uses: Use[] }[];
  /** Templates of the query history with the most total time; `null` if no history has been read. */
  queries: { total: number; top: ShownTemplate[] } | null;
  /** Name of a product that keeps no query history; `null` for others. */
  withoutHistory: string | null;
}

/** Number of templates of the query history. */
const TOP = 5;

/** Loads the data. */
export async function loadTable(
  context: LoadContext,
  { connectionId, name }: { connectionId: string; name: string },
): Promise<TableData> {
  const table = await describedTable(context, connectionId, name);
  const { columns, foreignKeys: _foreignKeys, referencedBy: _referencedBy, usedBy = [], checks = [], ...facts } = table;
  const visible = visibleChecks(table);
  const names = await tableNames(context, connectionId);
  // All files of the semantic layer are read for their names.
  const sources = usedBy.length === 0 ? [] : await semanticSources(context, connectionId);
  return {
    connectionId,
    name,
    facts,
    runId: await runOf(context, table),
    columns: columns.map((column) => shownColumn(column, table)),
    checks: visible,
    hiddenChecks: checks.length - visible.length,
    links: await linksOf(context, name, table),
    uses: [
      ...groupUses(usedBy, {
        connectionId,
        sources: new Set(sources.map((source) => source.name)),
        hasTable: (each) => names.has(each),
      }),
      ...(await notesOf(context, connectionId, name)),
    ],
    queries: await queriesOf(context, connectionId, name),
    withoutHistory: productWithoutHistory(context, connectionId),
  };
}

function shownColumn(column: KtxTableColumn, table: KtxTable): ShownColumn {
  const { profile, ...rest } = withoutHiddenValues(column);
  return { ...rest, plots: profile === undefined ? null : plotColumn(profile, table.profile) };
}

/** The run that made a scan: later runs that found nothing new name the same scan. */
async function runOf(context: LoadContext, { connectionId, syncId }: KtxTable): Promise<string | null> {
  const runs = await recordedRuns(context);
  const run = runs.findLast((each) => each.connectionId === connectionId && each.syncId === syncId && !each.dryRun);
  return run?.runId ?? null;
}

/** The notes that name the table, as a group of uses. */
async function notesOf(context: LoadContext, connectionId: string, table: string): Promise<TableData['uses']> {
  const notes = (await notesByTable(context, connectionId)).get(table) ?? [];
  const uses = notes.map(({ path, title }): Use => ({ kind: 'note', name: title, page: { page: 'note', name: path } }));
  return uses.length === 0 ? [] : [{ kind: 'note', uses }];
}

async function queriesOf(context: LoadContext, connectionId: string, name: string): Promise<TableData['queries']> {
  const index = await templatesByTable(context, connectionId);
  if (index === undefined) return null;
  const templates = index.get(name) ?? [];
  const names = await tableNames(context, connectionId);
  return { total: templates.length, top: templates.slice(0, TOP).map((each) => shownTemplate(each, names)) };
}

/** Names of the tables, with their schemas. */
export async function listTables(context: LoadContext, connectionId: string): Promise<string[]> {
  return (await scannedTables(context, connectionId)).map(nameOfTable);
}
