/** Documents of the search in static files, made from the compact index. */

import type { KtxSearchKind } from '@kaelio/ktx';
import { PART_KINDS, type SearchIndex } from '../../site/search-index.js';

/** A document: a hit, and the texts that are searched. */
export interface IndexDocument {
  id: number;
  kind: KtxSearchKind;
  /** Name of a hit: `schema.table.column`, `source.measure`. */
  name: string;
  connectionId: string | null;
  /** What is shown below the name. */
  why: string;
  /** Table of a column. */
  table?: string;
  /** Name of the object itself. */
  own: string;
  /** Name of the table or source that it is of. */
  parent: string;
  /** Words that are searched, and not shown. */
  words: string;
}

type Unnumbered = Omit<IndexDocument, 'id' | 'parent' | 'words'> & { parent?: string; words?: string };

/** Lists the documents of an index. */
export function documentsOf(index: SearchIndex): IndexDocument[] {
  const documents = [
    ...index.tables.flatMap((each) => tableDocuments(each, index)),
    ...index.sources.flatMap((each) => sourceDocuments(each, index)),
    ...index.metrics.map(metricDocument),
    ...index.notes.map(noteDocument),
    ...index.queries.map((each) => queryDocument(each, index)),
  ];
  return documents.map((document, id) => ({ parent: '', words: '', ...document, id }));
}

function tableDocuments(table: SearchIndex['tables'][number], index: SearchIndex): Unnumbered[] {
  const [position, schema, own, text, columns] = table;
  const name = schema === null ? own : `${schema}.${own}`;
  const connectionId = index.connections[position] ?? null;
  return [
    { kind: 'table', name, connectionId, why: text, table: name, own, parent: schema ?? '' },
    ...columns.map(([column, comment]): Unnumbered => {
      const shown = { name: `${name}.${column}`, connectionId, why: comment, table: name };
      return { kind: 'column', ...shown, own: column, parent: name };
    }),
  ];
}

function sourceDocuments(
  [position, name, text, parts]: SearchIndex['sources'][number],
  index: SearchIndex,
): Unnumbered[] {
  const connectionId = index.connections[position] ?? null;
  return [
    { kind: 'source', name, connectionId, why: text, own: name },
    ...parts.map(([kind, part, description]): Unnumbered => {
      const shown = { name: `${name}.${part}`, connectionId, why: description };
      return { kind: PART_KINDS[kind] ?? 'dimension', ...shown, own: part, parent: name };
    }),
  ];
}

function metricDocument([name, text]: SearchIndex['metrics'][number]): Unnumbered {
  return { kind: 'metric', name, connectionId: null, why: text, own: name };
}

function noteDocument([path, title, words]: SearchIndex['notes'][number]): Unnumbered {
  return { kind: 'page', name: path, connectionId: null, why: title, own: title, parent: path, words };
}

function queryDocument(
  [position, fingerprint, text, words]: SearchIndex['queries'][number],
  index: SearchIndex,
): Unnumbered {
  const connectionId = index.connections[position] ?? null;
  return { kind: 'query', name: fingerprint, connectionId, why: text, own: '', words };
}
