/** The query of the page, kept in the fragment of the URL, so that it can be kept, sent and gone back to. */

import { useCallback, useEffect, useState } from 'react';
import { fragmentOf, isAsking, type QueryState, readFragment, toQuery } from './model/query-state.js';

/** Changes the query; `replace` for typing, which adds no entry to the history of the browser. */
export type ChangeQuery = (next: QueryState, options?: { replace?: boolean }) => void;

/** The query; `undefined` until the script runs. `isUnreadable`: the URL had a fragment that is no query. */
export function useQuery(): { state: QueryState | undefined; isUnreadable: boolean; change: ChangeQuery } {
  const [state, setState] = useState<QueryState>();
  const [isUnreadable, setUnreadable] = useState(false);
  useEffect(() => {
    const read = () => {
      const found = readFragment(location.hash);
      // A fragment of another kind, such as that of a heading, leaves the query as it is.
      setState((before) => found ?? before ?? readFragment(''));
      setUnreadable((before) => (found === undefined ? before || location.hash.includes('%7B') : false));
    };
    read();
    addEventListener('popstate', read);
    return () => removeEventListener('popstate', read);
  }, []);
  const change = useCallback<ChangeQuery>((next, { replace = false } = {}) => {
    const query = toQuery(next);
    const isEmpty = !isAsking(next) && Object.keys(query).length === 0;
    const url = isEmpty ? location.pathname + location.search : `#${fragmentOf(query)}`;
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    setState(next);
    setUnreadable(false);
  }, []);
  return { state, isUnreadable, change };
}
