/** The query history of a connection, read once for all pages of a build. */

import { type KtxQueryHistory, type KtxQueryTemplate, listKtxQueryHistory } from '@kaelio/ktx';
import { cutText } from '../../../../cli/src/output/cut-text.js';
import { type LoadContext, orMissing } from '../../node/context.js';
import { type TableNames, tableNames } from '../../node/table-names.js';
import type { TableReference } from '../../view/parts/column-link.js';

/** A template as pages show it. */
export interface ShownTemplate extends Omit<KtxQueryTemplate, 'tables' | 'rows'> {
  tables: TableReference[];
}

/** Most templates that are read. */
const MAX_TEMPLATES = 100_000;

/** Most characters of a statement on a page. */
const MAX_SQL = 20_000;

/** The newest query history; `undefined` before the first ingest of it. */
export function queryHistory(context: LoadContext, connectionId: string): Promise<KtxQueryHistory | undefined> {
  return context.once(`history ${connectionId}`, () =>
    orMissing(listKtxQueryHistory({ ...context.options, connectionId, top: MAX_TEMPLATES }), 'KTX_HISTORY_MISSING'),
  );
}

/** Templates by the tables that they read, with their schemas, those with the most total time first. */
export function templatesByTable(
  context: LoadContext,
  connectionId: string,
): Promise<Map<string, KtxQueryTemplate[]> | undefined> {
  return context.once(`history by table ${connectionId}`, async () => {
    const history = await queryHistory(context, connectionId);
    return history && indexTemplates(history.templates, await tableNames(context, connectionId));
  });
}

/** Indexes templates by those of their tables that the newest scan has. */
export function indexTemplates(templates: KtxQueryTemplate[], names: TableNames): Map<string, KtxQueryTemplate[]> {
  const index = new Map<string, KtxQueryTemplate[]>();
  for (const template of templates) {
    const tables = new Set(template.tables.map((table) => names.resolve(table)).filter((table) => table !== null));
    for (const table of tables) {
      const list = index.get(table) ?? [];
      index.set(table, list);
      list.push(template);
    }
  }
  return index;
}

/** A template with the pages of its tables. */
export function shownTemplate(
  { tables, rows: _rows, sql, ...template }: KtxQueryTemplate,
  names: TableNames,
): ShownTemplate {
  const start = cutText(sql, MAX_SQL);
  return {
    ...template,
    sql: start === sql ? sql : `${start} …`,
    tables: tables.map((name) => ({ name, page: names.resolve(name) })),
  };
}
