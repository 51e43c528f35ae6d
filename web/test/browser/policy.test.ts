/** The data policy: nothing that it masks or denies is in any byte that is written or sent. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { MASKED_NUMBER, SECRETS } from '../support/projects/policy.mjs';
import { pathsOf, siteOf, startHost } from '../support/sites.js';

const FORBIDDEN = [...SECRETS, String(MASKED_NUMBER), MASKED_NUMBER.toLocaleString('en-US')];

startBrowser();

describe('a project with a data policy', () => {
  const live = startHost('policy', 'the live server');

  it('has no masked value and no denied name in its static files', async () => {
    const { folder } = siteOf('policy');
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
    expect(files.length).toBeGreaterThan(20);
    const leaks: string[] = [];
    for (const file of files) {
      for (const leak of leaksIn(`${file}\n${await readFile(file, 'latin1')}`)) {
        leaks.push(`${path.relative(folder, file)}: ${leak}`);
      }
    }
    expect(leaks).toEqual([]);
  });

  it('has no masked value and no denied name in live pages and answers', async () => {
    await withPage(live(), async ({ open, page, problems }) => {
      await open('index.html');
      const leaks: string[] = [];
      for (const each of await pathsOf('policy')) {
        const html = await page.evaluate(async (url) => (await fetch(url)).text(), `${live().url}${each}`);
        leaks.push(...leaksIn(html).map((leak) => `${each}: ${leak}`));
      }
      for (const query of ['users', 'salaries', 'grade', ...SECRETS]) {
        const found = await page.evaluate(callApi, { url: `${live().url}api/search`, request: { query } });
        // The answer may repeat what was asked for.
        leaks.push(...leaksIn(found.replaceAll(query, '')).map((leak) => `search for ${query}: ${leak}`));
      }
      for (const connectionId of ['server', 'file']) {
        const validation = { url: `${live().url}api/validation`, request: { connectionId, start: true } };
        leaks.push(...leaksIn(await page.evaluate(callApi, validation)).map((leak) => `validation: ${leak}`));
      }
      expect(leaks).toEqual([]);
      expect(problems).toEqual([]);
    });
  });
});

async function callApi({ url, request }: { url: string; request: unknown }): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) })).text();
}

/** Texts that must not be there, each with what is around it. */
function leaksIn(content: string): string[] {
  const text = content.toLowerCase();
  return FORBIDDEN.flatMap((secret) => {
    const position = text.indexOf(secret.toLowerCase());
    return position < 0 ? [] : [content.slice(Math.max(0, position - 80), position + 80)];
  });
}
