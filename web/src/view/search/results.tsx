/** The list of what a search has found. */

import { useEffect, useRef } from 'react';
import type { SearchHit } from '../../site/api.js';
import { useLink, useSite } from '../site-context.js';
import { keyOfHit } from './selection.js';
import type { SearchState } from './use-search.js';

/** Names of kinds, as the pages name them. */
const KINDS: Partial<Record<SearchHit['kind'], string>> = { page: 'note', view: 'explore' };

/** Props of the list. */
interface ResultsProps {
  /** Id of the list. */
  id: string;
  state: SearchState;
  /** Position of the selected hit; -1 if none is. */
  active: number;
  /** The user has opened a hit. */
  onOpen: () => void;
}

/** Id of the hit at a position of a list. */
export function optionId(listId: string, position: number): string {
  return `${listId}-${position}`;
}

/** Hits of a query, with notes about it. */
export function Results({ id, state: { query, answer, error }, active, onOpen }: ResultsProps) {
  const hits = answer?.hits ?? [];
  return (
    <div className="search-popup">
      {error !== undefined && <p className="search-note">{error}</p>}
      {answer?.notes.map((note) => (
        <p key={note} className="search-note">
          <bdi>{note}</bdi>
        </p>
      ))}
      {answer !== undefined && hits.length === 0 && <Nothing query={query} />}
      {hits.length > 0 && (
        <div role="listbox" id={id} aria-label="Results" className="search-results">
          {hits.map((hit, position) => (
            <Option
              key={keyOfHit(hit)}
              id={optionId(id, position)}
              hit={hit}
              selected={position === active}
              onOpen={onOpen}
            />
          ))}
        </div>
      )}
    </div>
  );
}

/** Number of letters from which the server finds parts of words. */
const MIN_PART = 3;

function Nothing({ query }: { query: string }) {
  const { live } = useSite();
  return (
    <p className="search-note">
      Nothing found for <bdi className="search-query">{query}</bdi>
      {live && query.length < MIN_PART && ': parts of words are found from three letters on'}
    </p>
  );
}

/** A hit; the keyboard selects it from the field, which keeps the focus. */
function Option({ id, hit, selected, onOpen }: { id: string; hit: SearchHit; selected: boolean; onOpen: () => void }) {
  const link = useLink();
  const element = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <a
      ref={element}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      aria-disabled={hit.path === null || undefined}
      href={hit.path === null ? undefined : link(hit.path)}
      onClick={onOpen}
      // Otherwise the field would lose the focus, and the list would close before the click.
      onMouseDown={(event) => event.preventDefault()}
    >
      <HitText hit={hit} />
    </a>
  );
}

function HitText({ hit: { kind, name, connectionId, why } }: { hit: SearchHit }) {
  const { connections } = useSite();
  // The name of a query is a hash.
  const [title, text] = kind === 'query' && why !== '' ? [why, ''] : [name, why];
  return (
    <>
      <span className={`hit-kind kind-${kind}`}>{KINDS[kind] ?? kind}</span>
      <bdi className="hit-name">{title}</bdi>
      {connectionId !== null && connections.length > 1 && <bdi className="hit-connection">{connectionId}</bdi>}
      {text !== '' && <bdi className="hit-why">{text}</bdi>}
    </>
  );
}
