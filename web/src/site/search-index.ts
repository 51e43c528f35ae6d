/** The index of the search in static files: compact, as all of it is loaded. */

/** Name of the file, below the folder of the assets. */
export const INDEX_FILE = 'search.js';

/** Property of the window that the file sets: modules and requests do not work from files, scripts do. */
export const INDEX_PROPERTY = 'ktxSearchIndex';

/** Kinds of the parts of a source; entries have the position in this list. */
export const PART_KINDS = ['dimension', 'measure', 'segment'] as const;

/** A column: its name and comment. */
export type IndexedColumn = [name: string, text: string];

/** A part of a source: the position in {@link PART_KINDS}, its name and description. */
export type IndexedPart = [kind: number, name: string, text: string];

/** What the file has. `connection` is a position in `connections`; texts are shown, `words` are only searched. */
export interface SearchIndex {
  connections: string[];
  tables: [connection: number, schema: string | null, name: string, text: string, columns: IndexedColumn[]][];
  sources: [connection: number, name: string, text: string, parts: IndexedPart[]][];
  metrics: [name: string, text: string][];
  notes: [path: string, title: string, words: string][];
  queries: [connection: number, fingerprint: string, text: string, words: string][];
}
