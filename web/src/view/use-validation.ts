/** Whether the sources of connections can be compiled: asked for once the page is shown. */

import { useEffect, useState } from 'react';
import { call } from '../client/api.js';
import type { Findings } from '../site/api.js';
import type { ReadFailure } from '../site/failure.js';
import { useSite } from './site-context.js';

/** What is known of a connection. */
export type Validation =
  /** Nothing: static files, or no daemon is running. */
  | { state: 'unchecked' }
  | { state: 'checking' }
  | { state: 'checked'; findings: Findings }
  | { state: 'failed'; failure: ReadFailure };

/** Validations of several connections. */
export interface Validations {
  of(connectionId: string): Validation;
  /** Validates a connection, and starts a daemon for it. */
  check(connectionId: string): void;
}

/** Asks the server for each connection; nothing is started for that. */
export function useValidations(connectionIds: readonly string[]): Validations {
  const { live, route } = useSite();
  const [known, setKnown] = useState<ReadonlyMap<string, Validation>>(new Map());
  const ask = async (connectionId: string, start: boolean, signal?: AbortSignal) => {
    const set = (validation: Validation) => setKnown((before) => new Map(before).set(connectionId, validation));
    try {
      if (start) set({ state: 'checking' });
      const findings = await call(route, 'validation', { connectionId, start }, signal);
      set(findings === null ? { state: 'unchecked' } : { state: 'checked', findings });
    } catch (error) {
      if (signal?.aborted === true) return;
      const { message, hint = null } = error as { message: string; hint?: string };
      set({ state: 'failed', failure: { message, hint } });
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the connections of a page do not change
  useEffect(() => {
    if (!live) return undefined;
    const leaving = new AbortController();
    for (const id of connectionIds) void ask(id, false, leaving.signal);
    return () => leaving.abort();
  }, []);
  return { of: (id) => known.get(id) ?? { state: 'unchecked' }, check: (id) => void ask(id, true) };
}
