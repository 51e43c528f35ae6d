import { expect, it } from 'vitest';
import type { SearchHit } from '../../src/site/api.js';
import { keyOfHit, nextPosition, selectedPosition } from '../../src/view/search/selection.js';

const hit = (name: string): SearchHit => ({ kind: 'table', name, connectionId: 'wh', why: '', path: null });

it('moves through a list and back to the field', () => {
  expect(nextPosition(-1, 1, 3)).toBe(0);
  expect(nextPosition(2, 1, 3)).toBe(-1);
  expect(nextPosition(-1, -1, 3)).toBe(2);
  expect(nextPosition(0, -1, 3)).toBe(-1);
  expect(nextPosition(-1, 1, 0)).toBe(-1);
});

it('keeps the selected hit when the answer comes', () => {
  const selected = keyOfHit(hit('orders'));
  expect(selectedPosition(selected, [hit('a'), hit('orders')])).toBe(1);
  expect(selectedPosition(selected, [hit('a'), hit('b')])).toBe(0);
  expect(selectedPosition(selected, [])).toBe(-1);
  expect(selectedPosition(undefined, [hit('orders')])).toBe(-1);
});
