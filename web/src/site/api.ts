/** Requests of the pages to the server, as JSON: `POST api/<name>` below the root of the site. */

import type {
  KtxLineage,
  KtxRelationshipAnswer,
  KtxSearchKind,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
  KtxTableColumns,
} from '@kaelio/ktx';

/** A hit of the search with the path of its page below the root of the site; `null` if it has no page. */
export interface SearchHit {
  kind: KtxSearchKind;
  name: string;
  connectionId: string | null;
  why: string;
  path: string | null;
}

/** What the validation of the sources of a connection has found; each begins with the name of its part. */
export interface Findings {
  errors: string[];
  warnings: string[];
}

/** Requests and responses, by the name of the call. */
export interface Api {
  search: { request: { query: string }; response: { hits: SearchHit[]; notes: string[] } };
  query: {
    request: { connectionId: string; query: KtxSemanticQuery; execute: boolean };
    response: KtxSemanticQueryResult;
  };
  relationship: {
    request: {
      connectionId: string;
      from: KtxTableColumns;
      to?: KtxTableColumns;
      status: 'accepted' | 'rejected';
    };
    response: KtxRelationshipAnswer;
  };
  /** `null` if nothing was checked, as no daemon is running and none may be started. */
  validation: { request: { connectionId: string; start: boolean }; response: Findings | null };
  lineage: { request: { connectionId: string; name: string }; response: KtxLineage };
}

/** Name of a call. */
export type ApiName = keyof Api;

/** An error as the server answers it. */
export interface ApiFailure {
  error: { code: string; message: string; hint?: string };
}
