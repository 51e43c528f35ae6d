/** The semantic layer of the project: contents of the sources, metrics and the calendar. */

import {
  type KtxSemanticCalendar,
  type KtxSemanticMetric,
  type KtxSemanticSource,
  type KtxSemanticSourceFile,
  readKtxSemanticModel,
  readKtxSemanticSources,
} from '@kaelio/ktx';
import { dialectOf } from '../pages/query/model/dialect.js';
import { codeOf, type LoadContext } from './context.js';
import { nameOfTable, scannedTables, semanticSources } from './project-data.js';

/** A source. */
export type SourceContent = KtxSemanticSource;

/** Metrics and the calendar; `error` if their file cannot be read. */
export interface SharedModel {
  metrics: KtxSemanticMetric[];
  calendar: KtxSemanticCalendar;
  error?: string;
}

/** Files of all sources of a connection that can be read, without what the data policy denies. */
function sourceFiles(context: LoadContext, connectionId: string): Promise<KtxSemanticSourceFile[]> {
  return context.once(`source files ${connectionId}`, () =>
    readKtxSemanticSources({ ...context.options, connectionId, withoutDenied: true }),
  );
}

/** The file of a source that is listed. */
export async function sourceFile(
  context: LoadContext,
  connectionId: string,
  name: string,
): Promise<KtxSemanticSourceFile> {
  const found = (await sourceFiles(context, connectionId)).find((file) => file.name === name);
  if (found === undefined) throw new Error(`The source ${name} has been removed`);
  return found;
}

/** All sources of a connection that can be read, in the order of their listing. */
export async function sourceContents(context: LoadContext, connectionId: string): Promise<SourceContent[]> {
  return (await sourceFiles(context, connectionId)).map(({ source }) => source);
}

/** Metrics and the calendar. */
export function semanticModel(context: LoadContext): Promise<SharedModel> {
  return context.once('model', async () => {
    try {
      return await readKtxSemanticModel({ ...context.options, withoutDenied: true });
    } catch (error) {
      if (codeOf(error) !== 'KTX_SEMANTIC_INVALID') throw error;
      return { metrics: [], calendar: {}, error: (error as Error).message };
    }
  });
}

/** Metrics that a connection can answer: those that do not name sources of other connections only. */
export async function metricsOf(context: LoadContext, connectionId: string): Promise<KtxSemanticMetric[]> {
  const { metrics } = await semanticModel(context);
  if (metrics.length === 0) return [];
  const own = new Set((await semanticSources(context, connectionId)).map(({ name }) => name));
  if (own.size === 0) return [];
  const others = new Set<string>();
  for (const { id } of context.databases) {
    if (id === connectionId) continue;
    for (const { name } of await semanticSources(context, id)) if (!own.has(name)) others.add(name);
  }
  return metrics.filter(({ expr }) => {
    const named = qualifiersOf(expr);
    return named.some((name) => own.has(name)) || !named.some((name) => others.has(name));
  });
}

/** The names before dots in an expression, which are sources or roles. */
export function qualifiersOf(expr: string): string[] {
  return [...expr.matchAll(/([\p{L}\p{N}_$]+)["`\]]?\s*\./gu)].map(([, name = '']) => name);
}

/** SQL dialect of a connection. */
export function dialectOfConnection({ project }: LoadContext, connectionId: string): string {
  return dialectOf(project.connections.find(({ id }) => id === connectionId)?.driver ?? '');
}

/** Finds the name of the scanned table that the `table` of a source means; `undefined` if there is no such table. */
export async function findTable(
  context: LoadContext,
  connectionId: string,
  table: string,
): Promise<string | undefined> {
  const names = await context.once(`tables by name ${connectionId}`, async () => {
    const tables = await scannedTables(context, connectionId);
    return new Map(tables.map((each) => [nameOfTable(each).toLowerCase(), nameOfTable(each)]));
  });
  const plain = table.replace(/["`[\]]/g, '').toLowerCase();
  // A name may begin with that of a database.
  const parts = plain.split('.');
  return names.get(plain) ?? names.get(parts.slice(-2).join('.')) ?? names.get(parts.at(-1) ?? '');
}
