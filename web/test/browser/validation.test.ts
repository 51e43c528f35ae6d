/** Broken measures: what the page says of them, with and without a daemon. */

import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { ktx, writeFiles } from '../support/projects/workspace.mjs';
import { serveProject } from '../support/serve-project.mjs';
import type { PageServer } from '../support/servers.js';
import { siteOf, startHost } from '../support/sites.js';

startBrowser();

describe('a broken measure', () => {
  let root: string;
  let projectDir: string;
  let server: PageServer;

  beforeAll(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'ktx-broken-')));
    projectDir = path.join(root, 'project');
    await cp(siteOf('demo').projectDir, projectDir, { recursive: true });
    await writeFiles(projectDir, {
      'semantic-layer/warehouse/broken.yaml':
        'name: broken\ntable: orders\ngrain: [order_id]\ncolumns: [{ name: order_id, type: number }]\n' +
        'measures:\n  - { name: total, expr: sum(nope) }\n  - { name: count, expr: count(*) }\n',
    });
    server = await serveProject(projectDir);
  });
  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('is not checked without a daemon, but on request', async () => {
    await ktx(projectDir, 'runtime', 'stop');
    await withPage(server, async ({ open, page }) => {
      await open('c/warehouse/source/broken.html');
      const check = page.locator('.source-check');
      await check.getByText('ktx sl validate --connection-id warehouse').waitFor();
      expect(await page.locator('.badge.failed').count()).toBe(0);
      await check.getByRole('button', { name: 'Check now' }).click();
      await check.getByText("broken, measure 'total'").waitFor();
      expect(
        await page
          .locator('tr', { has: page.locator('.badge.failed') })
          .locator('th')
          .textContent(),
      ).toContain('total');
    });
  });

  it('is found by itself while a daemon is running', async () => {
    await withPage(server, async ({ open, page }) => {
      await open('c/warehouse/sources.html');
      const row = page.getByRole('row', { name: /^broken/ });
      await row.getByText('1 error').waitFor();
      expect(await page.locator('.badge.failed').count()).toBe(1);
      await open('status.html');
      await page.getByText('not valid, 1 error').waitFor();
    });
  });
});

describe('static files', () => {
  const origin = startHost('demo', 'files');

  it('name the command that checks measures', async () => {
    await withPage(origin(), async ({ open, page }) => {
      await open('c/warehouse/sources.html');
      await page.getByText('ktx sl validate --connection-id warehouse').waitFor();
      expect(await page.getByRole('button', { name: 'Check now' }).count()).toBe(0);
    });
  });
});
