import { describe, expect, it } from 'vitest';
import { parsePath, pathOf, type Route, relativeLink } from '../../src/site/route.js';
import { slugOf } from '../../src/site/slug.js';

const HOSTILE = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  'a/b',
  'a\\b',
  'A',
  'a',
  'Ä',
  'con',
  'con.txt',
  'CON',
  'public.Orders',
  'public.orders',
  'a~b',
  '~61',
  '<script>',
  'x\u0000y',
  '\u202Egnp.exe',
  '😀',
  'index',
  `${'ä'.repeat(300)}1`,
  `${'ä'.repeat(300)}2`,
];

describe('slugs', () => {
  it('are file names of every system, and differ in more than letter case', () => {
    const slugs = HOSTILE.map(slugOf);
    for (const slug of slugs) {
      expect(slug).toMatch(/^[a-z0-9_~-][a-z0-9_.~-]{0,199}$/);
      expect(slug).not.toMatch(/^(con|aux|nul|prn|com\d|lpt\d)(\.|$)/);
    }
    expect(new Set(slugs).size).toBe(HOSTILE.length);
  });

  it('keep usual names readable', () => {
    expect(slugOf('public.order_items-2')).toBe('public.order_items-2');
    expect(slugOf('Sales Ä')).toBe('~53ales~20~c3~84');
  });
});

const ROUTES: Route[] = [
  { page: 'overview' },
  { page: 'changes' },
  { page: 'map', connectionId: 'we/ird' },
  { page: 'table', connectionId: 'warehouse', name: '../x' },
  { page: 'source', connectionId: 'Warehouse', name: 'orders' },
  { page: 'run', name: 'run-1' },
  { page: 'note', name: 'notes/finance/churn.md' },
];

describe('paths', () => {
  it.each(ROUTES)('of $page name the page that they are of', (route) => {
    const path = pathOf(route);
    expect(path.split('/')).not.toContain('..');
    const found = parsePath(path);
    expect(found?.page).toBe(route.page);
    expect(found?.connectionSlug).toBe('connectionId' in route ? slugOf(route.connectionId) : undefined);
    expect(found?.slug).toBe('name' in route ? slugOf(route.name) : undefined);
  });

  it('differ', () => {
    expect(new Set(ROUTES.map(pathOf)).size).toBe(ROUTES.length);
  });

  it.each([
    'x',
    'table.html',
    'c/a/b/c/d.html',
    'c/a/run/x.html',
    'c//map.html',
    'map.html',
    '../index.html',
    'c/a/overview.html',
  ])('that no page has are not found: %s', (path) => expect(parsePath(path)).toBeUndefined());

  it('lead from one page to another', () => {
    expect(relativeLink('index.html', 'c/a/map.html')).toBe('c/a/map.html');
    expect(relativeLink('c/a/table/x.html', 'index.html')).toBe('../../../index.html');
  });
});
