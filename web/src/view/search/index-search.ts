/** The search of an index in the browser. */

import type { KtxSearchKind } from '@kaelio/ktx';
import MiniSearch, { type SearchOptions, type SearchResult } from 'minisearch';
import type { Api } from '../../site/api.js';
import { pathOfHit } from '../../site/hit-path.js';
import type { SearchIndex } from '../../site/search-index.js';
import { formsOf, wordsOf } from '../../site/words.js';
import { documentsOf, type IndexDocument } from './documents.js';

/** Number of hits. */
const LIMIT = 20;

/** Weights of kinds: a table before its columns. */
const WEIGHTS: Partial<Record<KtxSearchKind, number>> = {
  table: 1.6,
  metric: 1.6,
  source: 1.3,
  measure: 1.2,
  query: 0.5,
};

/** Weight of a name that has no other words than the query. */
const WHOLE_NAME = 2;

/** Least length of a word that may be spelt differently. */
const MIN_FUZZY = 4;

/** Options that also find words that are spelt differently. */
const FUZZY: SearchOptions = { fuzzy: (term) => (term.length < MIN_FUZZY ? false : 0.25), maxFuzzy: 2 };

/** Maximum words in a note, and number of hits that they are taken from. */
const MAX_SIMILAR = 3;
const SIMILAR_HITS = 50;

/** Hits, the best first, and notes. */
export type SearchAnswer = Api['search']['response'];

/** Number of documents that are added at once: between them the page can react. */
const CHUNK = 1000;

/** Creates the search of an index. */
export async function createIndexSearch(index: SearchIndex): Promise<(query: string) => SearchAnswer> {
  const documents = documentsOf(index);
  // Names and comments repeat: that of a table in each of its columns.
  const namesOf = memoize(formsOf);
  const textsOf = memoize(wordsOf);
  const mini = new MiniSearch<IndexDocument>({
    fields: ['own', 'parent', 'why', 'words'],
    tokenize: (text, field) => (field === 'own' || field === 'parent' ? namesOf(text) : textsOf(text)),
    processTerm: (term) => term,
    searchOptions: {
      tokenize: wordsOf,
      boost: { own: 4, parent: 0.7, why: 1, words: 0.7 },
      combineWith: 'AND',
      prefix: true,
      boostDocument: (id) => WEIGHTS[(documents[id] as IndexDocument).kind] ?? 1,
    },
  });
  await mini.addAllAsync(documents, { chunkSize: CHUNK });
  return (query) => answer(mini, documents, query);
}

function memoize(compute: (text: string) => string[]): (text: string) => string[] {
  const known = new Map<string, string[]>();
  return (text) => {
    const found = known.get(text) ?? compute(text);
    known.set(text, found);
    return found;
  };
}

function answer(mini: MiniSearch<IndexDocument>, documents: IndexDocument[], query: string): SearchAnswer {
  const words = [...new Set(wordsOf(query))];
  if (words.length === 0) return { hits: [], notes: [] };
  const text = words.join(' ');
  // A single letter begins a word of most documents.
  const exact: SearchOptions = text.length === 1 ? { fields: ['own'] } : {};
  for (const options of [exact, FUZZY, { ...FUZZY, combineWith: 'OR' }] satisfies SearchOptions[]) {
    const results = mini.search(text, options);
    if (results.length === 0) continue;
    return { hits: best(results, documents, words).map(hitOf), notes: options === exact ? [] : notesOf(mini, words) };
  }
  return { hits: [], notes: [] };
}

function best(results: SearchResult[], documents: IndexDocument[], words: string[]): IndexDocument[] {
  const wanted = words.join('');
  // Comparing the names of all takes long for a single letter.
  const weighed = results.slice(0, 10 * LIMIT).map(({ id, score }) => {
    const document = documents[id] as IndexDocument;
    const isWhole = wordsOf(document.own).join('') === wanted;
    return { document, score: isWhole ? score * WHOLE_NAME : score };
  });
  weighed.sort((left, right) => right.score - left.score || left.document.id - right.document.id);
  return weighed.slice(0, LIMIT).map(({ document }) => document);
}

/** What was searched in place of words that no document has. */
function notesOf(mini: MiniSearch<IndexDocument>, words: string[]): string[] {
  const unknown = words.filter((word) => mini.search(word).length === 0);
  return unknown.map((word) => {
    const alone = mini.search(word, FUZZY).slice(0, SIMILAR_HITS);
    const similar = mostFrequent(alone.flatMap(({ terms }) => terms)).slice(0, MAX_SIMILAR);
    if (similar.length === 0) return `No name has the word ${word}`;
    return `No name has the word ${word}; searched for ${similar.join(', ')}`;
  });
}

function mostFrequent(terms: string[]): string[] {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left).map(([term]) => term);
}

function hitOf({ kind, name, connectionId, why, table }: IndexDocument): SearchAnswer['hits'][number] {
  const linked = { kind, name, connectionId, ...(table === undefined ? {} : { table }) };
  return { kind, name, connectionId, why, path: pathOfHit(linked) };
}
