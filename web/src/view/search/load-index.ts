/** Loads the index of static files, once. */

import { INDEX_PROPERTY, type SearchIndex } from '../../site/search-index.js';
import { createIndexSearch, type SearchAnswer } from './index-search.js';

let loading: Promise<(query: string) => SearchAnswer> | undefined;

/** Loads the script at a URL, and returns the search of its index. A failure may be repeated. */
export function loadIndexSearch(url: string): Promise<(query: string) => SearchAnswer> {
  loading ??= loadIndex(url).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function loadIndex(url: string): Promise<(query: string) => SearchAnswer> {
  await runScript(url);
  const index = (window as unknown as Record<string, SearchIndex | undefined>)[INDEX_PROPERTY];
  if (index === undefined) throw new Error(`${url} has no index`);
  return createIndexSearch(index);
}

function runScript(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => {
      script.remove();
      resolve();
    };
    script.onerror = () => reject(new Error(`${url} cannot be loaded`));
    document.head.append(script);
  });
}
