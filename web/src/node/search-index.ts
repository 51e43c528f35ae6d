/** Makes the index of the search in static files from what the pages show: nothing of values, or what is denied. */

import { type KtxQueryTemplate, listKtxPages, listKtxQueryHistory, readKtxPage } from '@kaelio/ktx';
import { cutText } from '../../../cli/src/output/cut-text.js';
import { plainText } from '../pages/note/plain-text.js';
import { INDEX_PROPERTY, type IndexedPart, PART_KINDS, type SearchIndex } from '../site/search-index.js';
import { distinctWords } from '../site/words.js';
import { type LoadContext, orMissing } from './context.js';
import { describedTables } from './project-data.js';
import { semanticModel, sourceContents } from './semantic-model.js';

/** Maximum characters of a text that is shown, and of the words of a text that is searched. */
const MAX_TEXT = 160;
const MAX_WORDS = 4000;

/** Number of templates of the query history of a connection. */
const MAX_QUERIES = 500;

/** Source of the script with the index. */
export async function searchIndexScript(context: LoadContext): Promise<string> {
  return `window.${INDEX_PROPERTY}=${JSON.stringify(await collectIndex(context))};\n`;
}

/** Collects all documents of a project. */
export async function collectIndex(context: LoadContext): Promise<SearchIndex> {
  const connections = context.databases.map(({ id }) => id);
  const ofEach = async <T>(collect: (id: string, connection: number) => Promise<T[]>) =>
    (await Promise.all(connections.map((id, position) => collect(id, position)))).flat();
  const tables = await ofEach((id, position) => collectTables(context, id, position));
  const sources = await ofEach((id, position) => collectSources(context, id, position));
  const queries = await ofEach((id, position) => collectQueries(context, id, position));
  return {
    connections,
    tables,
    sources,
    metrics: await collectMetrics(context),
    notes: await collectNotes(context),
    queries,
  };
}

async function collectTables(context: LoadContext, id: string, position: number): Promise<SearchIndex['tables']> {
  const tables = await describedTables(context, id);
  return tables.map((table) => [
    position,
    table.schema,
    table.name,
    shortText(table.comment),
    table.columns.map(({ name, comment }) => [name, shortText(comment)]),
  ]);
}

async function collectSources(context: LoadContext, id: string, position: number): Promise<SearchIndex['sources']> {
  const sources = await sourceContents(context, id);
  return sources.map(({ name, description, columns = [], measures, segments }) => {
    const shown = columns.filter(({ visibility = 'public' }) => visibility === 'public');
    const parts = [...partsOf('dimension', shown), ...partsOf('measure', measures), ...partsOf('segment', segments)];
    return [position, name, shortText(description), parts];
  });
}

interface Described {
  name: string;
  description?: string | undefined;
  synonyms?: string[] | undefined;
}

function partsOf(kind: (typeof PART_KINDS)[number], parts: Described[] = []): IndexedPart[] {
  return parts.map((part) => [PART_KINDS.indexOf(kind), part.name, describe(part)]);
}

/** The description and the other names. */
function describe({ description, synonyms = [] }: Described): string {
  return shortText([description ?? '', synonyms.join(', ')].filter((text) => text !== '').join('; '));
}

async function collectMetrics(context: LoadContext): Promise<SearchIndex['metrics']> {
  const { metrics } = await semanticModel(context);
  return metrics.map((metric) => [metric.name, describe(metric)]);
}

async function collectNotes({ options }: LoadContext): Promise<SearchIndex['notes']> {
  const pages = await listKtxPages(options);
  // A page that is too large or not UTF-8 is found by its title.
  const texts = await Promise.all(pages.map(({ path }) => orMissing(readKtxPage({ ...options, path }), 'KTX_FILE_IO')));
  return pages.map(({ path, title }, index) => [
    path,
    shortText(plainText(title)),
    distinctWords(texts[index]?.text ?? '', MAX_WORDS),
  ]);
}

async function collectQueries(context: LoadContext, id: string, position: number): Promise<SearchIndex['queries']> {
  const history = await orMissing(
    listKtxQueryHistory({ ...context.options, connectionId: id, top: MAX_QUERIES }),
    'KTX_HISTORY_MISSING',
  );
  return (history?.templates ?? []).map(({ fingerprint, sql }: KtxQueryTemplate) => [
    position,
    fingerprint,
    shortText(sql),
    distinctWords(sql, MAX_WORDS),
  ]);
}

/** The beginning of a text, as one line. */
function shortText(text: string | null | undefined): string {
  const line = cutText(text ?? '', 4 * MAX_TEXT)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= MAX_TEXT ? line : `${cutText(line, MAX_TEXT - 1)}…`;
}
