/** A link to the page `query` with a query. */

import type { KtxSemanticQuery } from '@kaelio/ktx';
import { useLink } from '../../view/site-context.js';
import { fragmentOf } from './model/query-state.js';

interface AskLinkProps {
  connectionId: string;
  query: KtxSemanticQuery;
  /** What is asked for, for screen readers. */
  of: string;
  children?: string;
}

/** The link. */
export function AskLink({ connectionId, query, of, children = 'Ask' }: AskLinkProps) {
  const href = `${useLink()({ page: 'query', connectionId })}#${fragmentOf(query)}`;
  return (
    <a href={href} className="ask-link">
      {children}
      <span className="visually-hidden"> for {of}</span>
    </a>
  );
}
