/** The search over everything: a field with a list of hits, which needs a script and is not shown without one. */

import { useId, useRef, useState } from 'react';
import { countOf } from '../../site/format.js';
import { useScript } from '../use-script.js';
import { optionId, Results } from './results.js';
import './style.css';
import { useComboboxKeys } from './use-combobox-keys.js';
import { type SearchState, useSearch } from './use-search.js';
import { useFocusShortcut } from './use-shortcut.js';

/** The search in the frame of each page. */
export function Search() {
  const hasScript = useScript();
  // The place is kept free by its style, so that nothing moves.
  return <search className="search">{hasScript && <SearchField />}</search>;
}

/** A combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
function SearchField() {
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const query = text.trim();
  const { state, prepare } = useSearch(query);
  useFocusShortcut(field);
  const shown = open && state !== undefined;
  const hits = state?.answer?.hits ?? [];
  const { active, onKeyDown, deselect } = useComboboxKeys({
    state,
    query,
    shown,
    setOpen,
    clear: () => setText(''),
    openHit: (position) => document.getElementById(optionId(listId, position))?.click(),
  });
  return (
    <>
      <input
        ref={field}
        type="search"
        className="search-field"
        placeholder="Search"
        aria-label="Search the project"
        aria-keyshortcuts="/ Control+K"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={shown && hits.length > 0}
        aria-controls={shown && hits.length > 0 ? listId : undefined}
        aria-activedescendant={shown && active >= 0 ? optionId(listId, active) : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={1000}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          deselect();
          setOpen(true);
        }}
        onFocus={prepare}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <span className="search-key" aria-hidden="true">
        /
      </span>
      {shown && <Results id={listId} state={state} active={active} onOpen={() => setOpen(false)} />}
      <p role="status" className="visually-hidden">
        {shown ? describe(state) : ''}
      </p>
    </>
  );
}

/** An answer in words, for screen readers. */
function describe({ answer, error }: SearchState): string {
  if (answer === undefined) return error ?? '';
  const count = answer.hits.length === 0 ? 'Nothing found' : countOf(answer.hits.length, 'result');
  return [...answer.notes, count].join('. ');
}
