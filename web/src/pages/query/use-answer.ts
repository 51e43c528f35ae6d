/** Answers of the server to the query of the page. */

import type { KtxSemanticQuery, KtxSemanticQueryResult } from '@kaelio/ktx';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, call } from '../../client/api.js';
import type { Route } from '../../site/route.js';

/** An answer, with the query that it is of. */
export interface Answered {
  query: KtxSemanticQuery;
  answer: KtxSemanticQueryResult;
}

/** An error, with what to do next. */
export interface Failure {
  message: string;
  hint: string | undefined;
}

/** Asks the server. A new request, and leaving the page, cancel the one before. */
export function useAnswer(route: Extract<Route, { connectionId: string }>) {
  const [pending, setPending] = useState<'compile' | 'run'>();
  const [answered, setAnswered] = useState<Answered>();
  const [failure, setFailure] = useState<Failure>();
  const controller = useRef<AbortController>(undefined);
  const cancel = useCallback(() => {
    controller.current?.abort();
    controller.current = undefined;
    setPending(undefined);
  }, []);
  useEffect(() => () => controller.current?.abort(), []);

  const ask = async (query: KtxSemanticQuery, execute: boolean) => {
    cancel();
    const current = new AbortController();
    controller.current = current;
    setPending(execute ? 'run' : 'compile');
    try {
      const request = { connectionId: route.connectionId, query, execute };
      const answer = await call(route, 'query', request, current.signal);
      if (current.signal.aborted) return;
      setAnswered({ query, answer });
      setFailure(undefined);
    } catch (error) {
      if (current.signal.aborted) return;
      const { message, hint } = error as Partial<ApiError> & Error;
      setFailure({ message, hint: error instanceof ApiError ? hint : undefined });
    }
    setPending(undefined);
  };
  return { pending, answered, failure, ask, cancel };
}
