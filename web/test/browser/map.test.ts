/** The map of 400 tables: positions of boxes and of the joins of a table, as the browser draws them. */

import { createRequire } from 'node:module';
import path from 'node:path';
import type { KtxRelationship } from '@kaelio/ktx';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { HUB } from '../support/projects/warehouse.mjs';
import { siteOf, startHost } from '../support/sites.js';

const ktx = createRequire(import.meta.url)(path.resolve(import.meta.dirname, '..', '..', '..', 'index.js'));
const MAP = 'c/warehouse/map.html';

startBrowser();

describe('the map of the warehouse', () => {
  const origin = startHost('warehouse', 'the live server');

  it('draws each table once, and no two boxes overlap', async () => {
    const { projectDir } = siteOf('warehouse');
    const tables = await ktx.listKtxTables({ projectDir, connectionId: 'warehouse' });
    const names = tables.map(({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`);
    await withPage(origin(), async ({ open, page }) => {
      await open(MAP);
      const boxes = await boxesOf(page, '#map');
      expect(boxes.map(({ name }) => name).sort()).toEqual(names.sort());
      expect(overlaps(boxes)).toEqual([]);
    });
  });

  it('shows every join of a focused table in the window, without scrolling', async () => {
    const joins = await drawnJoins();
    await withPage(origin(), async ({ open, page }) => {
      for (const table of [HUB, ...someTables(joins)]) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await open(`${MAP}#table=${encodeURIComponent(table)}`);
        await page.locator(`.map-neighbourhood [data-table="${table}"]`).waitFor();
        const expected = joins.filter(({ from, to }) => from === table || to === table).map(textOf);
        await expect
          .poll(async () => (await edgesOf(page)).map(textOf).sort(), { timeout: 5000 })
          .toEqual(expected.sort());
        await expect.poll(() => misplaced(page), { timeout: 5000, message: table }).toEqual([]);
        expect(overlaps(await boxesOf(page, '.map-neighbourhood')), table).toEqual([]);
      }
    });
  });

  it('leads to a neighbourhood and back by the keyboard', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open(MAP);
      await page.getByRole('searchbox', { name: 'Find tables' }).fill('customers');
      await page.getByRole('link', { name: HUB, exact: true }).first().focus();
      await page.keyboard.press('Enter');
      await page.locator('.map-neighbourhood').waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(HUB);
      await page.goBack();
      await page.locator('#map').waitFor();
      expect(await page.locator('.map-neighbourhood').count()).toBe(0);
    });
  });
});

interface Join {
  kind: string;
  from: string;
  to: string;
}

/** Joins that are not rejected, as the relationships of the newest scan have them. */
async function drawnJoins(): Promise<Join[]> {
  const { projectDir } = siteOf('warehouse');
  const { relationships } = await ktx.listKtxRelationships({ projectDir, connectionId: 'warehouse' });
  return (relationships as KtxRelationship[])
    .filter(({ status }) => status !== 'rejected')
    .map(({ declared, status, from, to }) => ({
      kind: declared ? 'declared' : status === 'accepted' ? 'accepted' : 'proposed',
      from: from.table,
      to: to.table,
    }));
}

/** Ten tables: those with the most joins after the hub, then some with few. */
function someTables(joins: Join[]): string[] {
  const degrees = new Map<string, number>();
  for (const { from, to } of joins) for (const end of [from, to]) degrees.set(end, (degrees.get(end) ?? 0) + 1);
  const names = [...degrees].sort(([, left], [, right]) => right - left).map(([name]) => name);
  const others = names.filter((name) => name !== HUB);
  return [...others.slice(0, 5), ...[30, 80, 150, 250, 330].map((position) => others[position] as string)];
}

function textOf({ kind, from, to }: Join): string {
  return `${kind} ${from} → ${to}`;
}

/** Joins of the neighbourhood in the drawing. */
function edgesOf(page: Page): Promise<Join[]> {
  return page.locator('.map-neighbourhood svg [data-join]').evaluateAll((elements) =>
    elements.map((element) => ({
      kind: element.getAttribute('data-join') ?? '',
      from: element.getAttribute('data-from') ?? '',
      to: element.getAttribute('data-to') ?? '',
    })),
  );
}

/** Parts of the neighbourhood that are not in the window, or lines that do not end at their tables. */
function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const section = document.querySelector('.map-neighbourhood') as Element;
    const { innerWidth, innerHeight } = window;
    const found: string[] = [];
    const boxes = new Map(
      [...section.querySelectorAll('svg [data-table]')].map((element) => [
        element.getAttribute('data-table'),
        (element.querySelector('rect') as Element).getBoundingClientRect(),
      ]),
    );
    const isVisible = ({ left, top, right, bottom }: DOMRect) =>
      left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
    for (const [name, box] of boxes) if (!isVisible(box)) found.push(`the box of ${name}`);
    for (const edge of section.querySelectorAll('svg [data-join]')) {
      const name = `${edge.getAttribute('data-from')} → ${edge.getAttribute('data-to')}`;
      for (const line of edge.querySelectorAll('path')) {
        if (!isVisible(line.getBoundingClientRect())) found.push(`the line ${name}`);
        const matrix = line.getScreenCTM() as DOMMatrix;
        const ends = [0, line.getTotalLength()].map((at) => line.getPointAtLength(at).matrixTransform(matrix));
        const tables = [edge.getAttribute('data-from'), edge.getAttribute('data-to')];
        const near = (point: DOMPoint, table: string | null) => {
          const box = boxes.get(table);
          return (
            box !== undefined &&
            point.x >= box.left - 12 &&
            point.x <= box.right + 12 &&
            point.y >= box.top - 12 &&
            point.y <= box.bottom + 12
          );
        };
        const [start, end] = ends as [DOMPoint, DOMPoint];
        const [from, to] = tables as [string, string];
        const meets = (near(start, from) && near(end, to)) || (near(start, to) && near(end, from));
        if (!meets) found.push(`the ends of ${name}`);
      }
    }
    return found.slice(0, 10);
  });
}

interface Box {
  name: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Boxes of the tables in an element, in pixels of the window. */
function boxesOf(page: Page, selector: string): Promise<Box[]> {
  return page.locator(`${selector} svg [data-table]`).evaluateAll((elements) =>
    elements.map((element) => {
      const { left, top, right, bottom } = (element.querySelector('rect') as Element).getBoundingClientRect();
      return { name: element.getAttribute('data-table') ?? '', left, top, right, bottom };
    }),
  );
}

/** Pairs of boxes that share more than a border; boxes without a size overlap with everything. */
function overlaps(boxes: Box[]): string[] {
  const empty = boxes.filter(({ left, top, right, bottom }) => right - left < 1 || bottom - top < 1);
  const pairs = boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (other) =>
          Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0.01 &&
          Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 0.01,
      )
      .map((other) => `${one.name} and ${other.name}`),
  );
  return [...empty.map(({ name }) => `${name} is empty`), ...pairs].slice(0, 10);
}
