/** Answers to a query that is being typed. */

import { useEffect, useMemo, useState } from 'react';
import { ApiError, call } from '../../client/api.js';
import { failureText } from '../../site/failure.js';
import { INDEX_FILE } from '../../site/search-index.js';
import { useLink, useSite } from '../site-context.js';
import type { SearchAnswer } from './index-search.js';
import { loadIndexSearch } from './load-index.js';

/** Time in which further letters replace a query, before it is sent. */
const DEBOUNCE_MS = 30;

/** What is known of a query. */
export interface SearchState {
  /** The query that was answered, or failed. */
  query: string;
  answer?: SearchAnswer;
  /** Why there is no answer. */
  error?: string;
}

/** Searches; rejects when the signal is aborted. */
type Searcher = (query: string, signal: AbortSignal) => Promise<SearchAnswer>;

/** The answer to the newest query that has one, and the function that prepares for the first query. */
export function useSearch(query: string): { state: SearchState | undefined; prepare: () => void } {
  const { searcher, prepare } = useSearcher();
  const [state, setState] = useState<SearchState>();
  useEffect(() => {
    if (query === '') return setState(undefined);
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(async () => {
      const found = await resultOf(searcher, query, signal);
      if (!signal.aborted) setState(found);
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, searcher]);
  return { state, prepare };
}

async function resultOf(searcher: Searcher, query: string, signal: AbortSignal): Promise<SearchState> {
  try {
    return { query, answer: await searcher(query, signal) };
  } catch (error) {
    return { query, error: failureText(error as ApiError) };
  }
}

/** The search of the server, or of the index in static files. */
function useSearcher(): { searcher: Searcher; prepare: () => void } {
  const { live, route } = useSite();
  const url = useLink()(`assets/${INDEX_FILE}`);
  return useMemo(() => {
    if (live) return { searcher: (query, signal) => call(route, 'search', { query }, signal), prepare: () => {} };
    return {
      searcher: async (query) => (await load(url))(query),
      // A failure is shown for the first query.
      prepare: () => void load(url).catch(() => {}),
    };
  }, [live, route, url]);
}

async function load(url: string): Promise<(query: string) => SearchAnswer> {
  try {
    return await loadIndexSearch(url);
  } catch {
    throw new ApiError({ code: 'index', message: 'The index of the search cannot be loaded' });
  }
}
