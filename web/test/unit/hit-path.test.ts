import { expect, it } from 'vitest';
import { pathOfHit } from '../../src/site/hit-path.js';

it('leads to the page of a hit, and to its row', () => {
  const connectionId = 'wh';
  expect(pathOfHit({ kind: 'table', name: 'hr.People', connectionId })).toBe('c/wh/table/hr.~50eople.html');
  const column = { name: 'hr.a.b.c', connectionId, table: 'hr.a.b' };
  expect(pathOfHit({ kind: 'column', ...column })).toBe('c/wh/table/hr.a.b.html#column-c');
  expect(pathOfHit({ kind: 'value', ...column })).toBe('c/wh/table/hr.a.b.html#column-c');
  expect(pathOfHit({ kind: 'page', name: 'notes/a.md', connectionId: null })).toBe('note/notes~2fa.md.html');
});

it('has no path for what has no page', () => {
  expect(pathOfHit({ kind: 'view', name: 'model.explore', connectionId: 'bi' })).toBeNull();
  expect(pathOfHit({ kind: 'column', name: 'a.b', connectionId: 'wh' })).toBeNull();
  expect(pathOfHit({ kind: 'table', name: 'a', connectionId: null })).toBeNull();
});
