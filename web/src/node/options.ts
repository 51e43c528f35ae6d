/** What a host gives to the pages. */

import type { KtxProject, KtxSemanticValidation } from '@kaelio/ktx';
import type { Api, ApiName } from '../site/api.js';

/** An action; the signal is aborted when the browser does not wait any more. */
export type Action<Name extends ApiName> = (
  request: Api[Name]['request'],
  signal: AbortSignal,
) => Promise<Api[Name]['response']>;

/** Functions of the host behind the calls of the pages, which use connections. */
export interface PageActions {
  query: Action<'query'>;
  relationship: Action<'relationship'>;
  lineage: Action<'lineage'>;
  /** Validates all sources of a connection, without findings that name what the data policy denies. */
  validate(request: { connectionId: string }): Promise<KtxSemanticValidation>;
  /** Whether {@link validate} would have to start nothing. */
  canValidate(): Promise<boolean>;
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
