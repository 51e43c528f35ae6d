/** What a host gives to the pages. */

import type { KtxProject } from '@kaelio/ktx';
import type { Api } from '../site/api.js';

/** Functions of the host behind the calls of the pages, which use connections. */
export interface PageActions {
  query(request: Api['query']['request']): Promise<Api['query']['response']>;
  relationship(request: Api['relationship']['request']): Promise<Api['relationship']['response']>;
  lineage(request: Api['lineage']['request']): Promise<Api['lineage']['response']>;
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
