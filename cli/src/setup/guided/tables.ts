/** Third step: the schemas and tables to scan. */

import type { KtxDatabaseTable } from '@kaelio/ktx';
import { printWarnings } from '../../output/print.js';
import { pluralize } from '../../output/text.js';
import { createProgress } from '../../terminal/progress.js';
import { type Choice, chooseOne, searchSeveral } from '../../terminal/prompts.js';
import { asks, connectionOptions, printStep, type Session } from './session.js';

/** Keys of a connection that select tables; without any, all are scanned. */
export interface TableSelection {
  schemas?: string[];
  include?: string[];
  exclude?: string[];
}

/** The tables of the database, and the selection that was written. */
export interface SelectedTables {
  tables: KtxDatabaseTable[];
  selection: TableSelection;
}

/** Writes the selection of the flags or of the user to `ktx.yaml`. */
export async function selectTables(
  session: Session,
  connectionId: string,
  flags: TableSelection,
): Promise<SelectedTables> {
  createProgress(session.io)(`Listing the tables of ${connectionId}`);
  const { tables } = await session.calls.listKtxDatabaseTables(connectionOptions(session, connectionId));
  const isGiven = Object.keys(flags).length > 0;
  if (!isGiven && (await wasScanned(session, connectionId))) {
    printStep(session, 'Tables', 'as selected before');
    return { tables, selection: {} };
  }
  const selection = isGiven ? flags : asks(session) ? await ask(session, tables) : {};
  const count = Object.keys(selection).length > 0 ? await select(session, connectionId, selection) : tables.length;
  printStep(session, 'Tables', count === tables.length ? `all ${count}` : `${count} of ${tables.length}`);
  return { tables, selection };
}

/** Whether the tables were selected by an earlier set-up, or by hand. */
async function wasScanned({ projectDir, calls }: Session, connectionId: string): Promise<boolean> {
  const runs = await calls.listKtxRuns({ projectDir, connectionId, source: 'live-database' });
  return runs.some(({ status, dryRun }) => status === 'done' && !dryRun);
}

/** Writes the selection after a test; returns the number of its tables. Errors: a schema does not exist. */
async function select(session: Session, connectionId: string, connection: TableSelection): Promise<number> {
  const options = { ...connectionOptions(session, connectionId), connection, test: true };
  const { test } = await session.calls.editKtxConnection(options);
  const count = test?.tableCount ?? 0;
  if (count === 0) printWarnings(session.io, ['No table is selected: correct --schema, --include or --exclude']);
  return count;
}

async function ask(session: Session, tables: KtxDatabaseTable[]): Promise<TableSelection> {
  const schemas = await askSchemas(session, tables);
  const offered = tables.filter(({ schema }) => schemas === undefined || schemas.includes(schema ?? ''));
  const selected = await askTables(session, offered);
  return { ...(schemas === undefined ? {} : { schemas }), ...selected };
}

/** Asks for the schemas if there are several; `undefined` means all. */
async function askSchemas({ io }: Session, tables: KtxDatabaseTable[]): Promise<string[] | undefined> {
  const counts = new Map<string, number>();
  for (const { schema } of tables) counts.set(schema ?? '', (counts.get(schema ?? '') ?? 0) + 1);
  if (counts.size < 2) return undefined;
  const choices = [...counts].map(([value, count]) => ({ value, label: value, hint: pluralize(count, 'table') }));
  const question = 'Which schemas should be scanned? Type to search; Enter without a choice takes all';
  const chosen = (await searchSeveral(io, question, choices, { required: false })) ?? [];
  return chosen.length === 0 || chosen.length === counts.size ? undefined : chosen;
}

/** Asks for the tables; the shorter of both lists is written, so that new tables are scanned if most were chosen. */
async function askTables({ io }: Session, tables: KtxDatabaseTable[]): Promise<TableSelection> {
  if (tables.length < 2) return {};
  const all = await chooseOne(io, `Scan all ${tables.length} tables and views?`, [
    { value: 'all', label: 'All of them' },
    { value: 'some', label: 'Choose' },
  ]);
  if (all !== 'some') return {};
  const chosen = await searchSeveral(io, 'Which tables should be scanned? Type to search', tables.map(choiceOf));
  if (chosen === undefined || chosen.length === tables.length) return {};
  const others = tables.map(patternOf).filter((pattern) => !chosen.includes(pattern));
  return others.length < chosen.length ? { exclude: others } : { include: chosen };
}

function choiceOf(table: KtxDatabaseTable): Choice<string> {
  const { schema, name, kind, estimatedRows } = table;
  const rows = estimatedRows === null ? [] : [`about ${pluralize(estimatedRows, 'row')}`];
  const hint = [...(kind === 'view' ? ['view'] : []), ...rows].join(', ');
  return { value: patternOf(table), label: schema === null ? name : `${schema}.${name}`, hint };
}

/** The pattern that matches one table; characters with a meaning in patterns are quoted. */
function patternOf({ schema, name }: KtxDatabaseTable): string {
  const quote = (text: string) => text.replace(/[*?[]/g, '[$&]');
  return schema === null ? quote(name) : `${quote(schema)}.${quote(name)}`;
}
