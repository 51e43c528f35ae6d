/** What a host gives to the pages. */

import type { KtxProject } from '@kaelio/ktx';
import type { Api, ApiName } from '../site/api.js';

/** An action; the signal is aborted when the browser does not wait any more. */
type Action<Name extends ApiName> = (
  request: Api[Name]['request'],
  signal: AbortSignal,
) => Promise<Api[Name]['response']>;

/** Functions of the host behind the calls of the pages, which use connections. */
export interface PageActions {
  query: Action<'query'>;
  relationship: Action<'relationship'>;
  lineage: Action<'lineage'>;
}

/** What the pages are of, and what they can do. */
export interface PageHandlerOptions {
  /** Path of the root of the pages on the server, which begins and ends with a slash. */
  root: string;
  /** Reads the project, which may have changed since the last page. */
  loadProject(): Promise<KtxProject>;
  environment?: string | undefined;
  actions: PageActions;
  log(message: string): void;
}
