/** The semantic layer of the project: contents of the sources, metrics and the calendar. */

import {
  type KtxSemanticCalendar,
  type KtxSemanticMetric,
  type KtxSemanticSource,
  type KtxSemanticSourceFile,
  type KtxSemanticSourceSummary,
  readKtxSemanticModel,
  readKtxSemanticSources,
} from '@kaelio/ktx';
import { dialectOf } from '../pages/query/model/dialect.js';
import { codeOf, type LoadContext } from './context.js';
import { semanticSources } from './project-data.js';

/** Metrics and the calendar; `error` if their file cannot be read. */
export interface SharedModel {
  metrics: KtxSemanticMetric[];
  calendar: KtxSemanticCalendar;
  error?: string;
}

/** Files of the semantic layer of a connection. */
export interface SourceFiles {
  /** Those that can be used, by the names of their sources, sorted. */
  readable: Map<string, KtxSemanticSourceSummary>;
  unreadable: { path: string; error: string }[];
}

/** Lists the files of the semantic layer. A name that several files have is of none of them. */
export function sourceFiles(context: LoadContext, connectionId: string): Promise<SourceFiles> {
  return context.once(`source files ${connectionId}`, async () => {
    const files = await semanticSources(context, connectionId);
    const names = new Map<string, number>();
    for (const { name, error } of files) if (error === null) names.set(name, (names.get(name) ?? 0) + 1);
    const checked = files.map((file) => {
      const isRepeated = file.error === null && names.get(file.name) !== 1;
      return isRepeated ? { ...file, error: `Several files have the name ${file.name}` } : file;
    });
    const readable = checked.filter(({ error }) => error === null).sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      readable: new Map(readable.map((file) => [file.name, file])),
      unreadable: checked.flatMap(({ path, error }) => (error === null ? [] : [{ path, error }])),
    };
  });
}

/** Contents of all sources that can be read, without what the data policy denies. */
function readFiles(context: LoadContext, connectionId: string): Promise<Map<string, KtxSemanticSourceFile>> {
  return context.once(`source contents ${connectionId}`, async () => {
    const files = await readKtxSemanticSources({ ...context.options, connectionId, withoutDenied: true });
    return new Map(files.map((file) => [file.name, file]));
  });
}

/** Reads a source. Rejects if it has been removed since it was listed. */
export async function sourceFile(
  context: LoadContext,
  connectionId: string,
  name: string,
): Promise<KtxSemanticSourceFile> {
  const found = (await readFiles(context, connectionId)).get(name);
  if (found === undefined) throw new Error(`The source ${name} has been removed`);
  return found;
}

/** Reads all sources of a connection that can be read, sorted by name. */
export async function sourceContents(context: LoadContext, connectionId: string): Promise<KtxSemanticSource[]> {
  const [{ readable }, files] = await Promise.all([
    sourceFiles(context, connectionId),
    readFiles(context, connectionId),
  ]);
  return [...readable.keys()].flatMap((name) => files.get(name)?.source ?? []);
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
export function metricsOf(context: LoadContext, connectionId: string): Promise<KtxSemanticMetric[]> {
  return context.once(`metrics ${connectionId}`, async () => {
    const { metrics } = await semanticModel(context);
    const own = (await sourceFiles(context, connectionId)).readable;
    if (metrics.length === 0 || own.size === 0) return [];
    const others = new Set<string>();
    for (const { id } of context.databases) {
      if (id === connectionId) continue;
      for (const name of (await sourceFiles(context, id)).readable.keys()) if (!own.has(name)) others.add(name);
    }
    return metrics.filter(({ expr }) => {
      const named = qualifiersOf(expr);
      return named.some((name) => own.has(name)) || !named.some((name) => others.has(name));
    });
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
