/** The table in the fragment of the URL, `#table=<name>`, so that links and the history of the browser lead to it. */

import { useMemo, useSyncExternalStore } from 'react';
import type { MapTable } from './data.js';

const PREFIX = '#table=';

/** Fragment that leads to the whole map. */
export const WHOLE_MAP = '#map';

/** Fragment that leads to a table. */
export function fragmentOf(name: string): string {
  return `${PREFIX}${encodeURIComponent(name)}`;
}

/** Name of the table in a fragment; `undefined` for other fragments. */
export function tableInFragment(fragment: string): string | undefined {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(fragment.slice(PREFIX.length));
  } catch {
    return fragment.slice(PREFIX.length);
  }
}

/** The requested table: its index, or `-1` if there is no such table; `undefined` if none is requested. */
export function useRequestedTable(tables: readonly MapTable[]): number | undefined {
  const fragment = useSyncExternalStore(subscribe, currentFragment, noFragment);
  return useMemo(() => {
    const name = tableInFragment(fragment);
    return name === undefined ? undefined : tables.findIndex((table) => table.name === name);
  }, [fragment, tables]);
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** The last fragment that leads to a table or to the whole map; links within the page leave what is shown. */
let lastFragment = '';

function currentFragment(): string {
  const { hash } = window.location;
  if (hash.startsWith(PREFIX) || hash === WHOLE_MAP || hash === '') lastFragment = hash;
  return lastFragment;
}

function noFragment(): string {
  return '';
}
