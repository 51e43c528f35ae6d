/** Keys that focus the field of the search from anywhere on a page. */

import { type RefObject, useEffect } from 'react';

/** Focuses a field by `/`, outside of other fields, and by Ctrl-K or Command-K. */
export function useFocusShortcut(field: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isShortcut(event)) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [field]);
}

function isShortcut({ key, ctrlKey, metaKey, altKey, shiftKey, target }: KeyboardEvent): boolean {
  if (key === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey) return true;
  return key === '/' && !ctrlKey && !metaKey && !altKey && !acceptsText(target);
}

function acceptsText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
