/** The keyboard of a field with a list: arrows select, Enter opens, Escape closes and then clears. */

import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { keyOfHit, nextPosition, selectedPosition } from './selection.js';
import type { SearchState } from './use-search.js';

/** The field, and what keys do. */
interface Combobox {
  /** Answer that the list shows. */
  state: SearchState | undefined;
  /** What the field has. */
  query: string;
  /** Whether the list is shown. */
  shown: boolean;
  setOpen: (open: boolean) => void;
  clear: () => void;
  openHit: (position: number) => void;
}

/** The position of the selected hit, -1 if none is, the listener of the field, and what ends a selection. */
export function useComboboxKeys(combobox: Combobox): {
  active: number;
  onKeyDown: (event: KeyboardEvent) => void;
  deselect: () => void;
} {
  const { state, query, shown, setOpen, clear, openHit } = combobox;
  const [selection, setSelection] = useState<string>();
  const hits = state?.answer?.hits ?? [];
  const active = shown ? selectedPosition(selection, hits) : -1;
  const openSelected = () => openHit(Math.max(active, 0));
  const entered = useEnteredQuery(combobox, openSelected);

  const move = (step: number) => {
    setOpen(true);
    if (!shown) return;
    const next = hits[nextPosition(active, step, hits.length)];
    setSelection(next && keyOfHit(next));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Keys of an input method choose among its own proposals.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') {
      setOpen(true);
      if (state?.query !== query) entered.current = query;
      else if (shown) openSelected();
    } else if (event.key === 'Escape') {
      setSelection(undefined);
      if (shown) setOpen(false);
      else clear();
    } else return;
    event.preventDefault();
  };
  return { active, onKeyDown, deselect: () => setSelection(undefined) };
}

/** A query that was entered before its answer: a hit is opened when it comes. */
function useEnteredQuery({ state, query }: Combobox, openSelected: () => void) {
  const entered = useRef<string>(undefined);
  useEffect(() => {
    if (entered.current === undefined || entered.current !== state?.query) return;
    if (entered.current === query) openSelected();
    entered.current = undefined;
  });
  return entered;
}
