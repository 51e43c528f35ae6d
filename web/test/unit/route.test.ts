/** Paths of pages, and the file names in them. */

import { describe, expect, it } from 'vitest';
import { parsePath, pathOf, type Route, relativeLink } from '../../src/site/route.js';
import { slugOf } from '../../src/site/slug.js';
import { HOSTILE_NAMES, POSTGRES_NAMES } from '../support/projects/hostile-names.mjs';

const NAMES = [...new Set([...HOSTILE_NAMES, ...POSTGRES_NAMES, 'com1', 'CON.sql', 'a.b'])];

describe('a slug', () => {
  it('is a name of a file on every system', () => {
    for (const name of NAMES) {
      const slug = slugOf(name);
      expect(slug, name).toMatch(/^[a-z0-9_~-][a-z0-9_.~-]*$/);
      expect(slug, name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/);
      expect(slug.length, name).toBeLessThanOrEqual(200);
    }
  });

  it('differs for names that differ, also where a file system ignores letter case or composes characters', () => {
    const slugs = NAMES.map((name) => slugOf(name).toLowerCase().normalize('NFC'));
    expect(new Set(slugs).size).toBe(NAMES.length);
    expect(slugOf(`${'x'.repeat(5000)}a`)).not.toBe(slugOf(`${'x'.repeat(5000)}b`));
  });
});

describe('a path', () => {
  const routes = (name: string): Route[] => [
    { page: 'overview' },
    { page: 'map', connectionId: name },
    { page: 'table', connectionId: name, name },
    { page: 'source', connectionId: 'warehouse', name },
    { page: 'note', name },
    { page: 'run', name },
  ];

  it('is read as the page and the slugs that it was made of', () => {
    for (const route of NAMES.flatMap(routes)) {
      const expected = {
        page: route.page,
        ...('connectionId' in route ? { connectionSlug: slugOf(route.connectionId) } : {}),
        ...('name' in route ? { slug: slugOf(route.name) } : {}),
      };
      expect(parsePath(pathOf(route)), pathOf(route)).toEqual(expected);
    }
  });

  it.each([
    'overview.html',
    'table.html',
    'map.html',
    'c/warehouse/overview.html',
    'c/warehouse/notes.html',
    'c/warehouse/run/x.html',
    'table/x.html',
    '../index.html',
    'c/a/b/table/x.html',
    'assets/app.js',
    'index.html/',
  ])('%s names no page', (path) => {
    expect(parsePath(path)).toBeUndefined();
  });

  it('is linked from every other page relative to it', () => {
    for (const from of NAMES.flatMap(routes).map(pathOf)) {
      const link = relativeLink(from, 'c/warehouse/map.html');
      expect(new URL(link, `http://host/docs/${from}`).pathname).toBe('/docs/c/warehouse/map.html');
    }
  });
});
