/** Arrow keys in a group of controls, which is one stop of the Tab key. */

import { type KeyboardEvent, useState } from 'react';

/** Where keys lead, by the position of the focus and of the last control. */
const MOVES: Record<string, (from: number, last: number) => number> = {
  ArrowDown: (from, last) => Math.min(from + 1, last),
  ArrowUp: (from) => Math.max(from - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** Properties of the group, and of each control. */
export interface Roving {
  group: { onKeyDown(event: KeyboardEvent<HTMLElement>): void };
  /** Of the control with a key. */
  control(key: string): { tabIndex: 0 | -1; onFocus(): void };
}

/** Moves the focus between the `input` elements of a group, whose keys are given in their order. */
export function useRoving(keys: readonly string[]): Roving {
  const [last, setLast] = useState<string>();
  const stop = last !== undefined && keys.includes(last) ? last : keys[0];
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const move = MOVES[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const controls = [...event.currentTarget.querySelectorAll('input')];
    const from = controls.indexOf(event.target as HTMLInputElement);
    if (from === -1) return;
    // Otherwise the list would scroll.
    event.preventDefault();
    controls[move(from, controls.length - 1)]?.focus();
  };
  return {
    group: { onKeyDown },
    control: (key) => ({ tabIndex: key === stop ? 0 : -1, onFocus: () => setLast(key) }),
  };
}
