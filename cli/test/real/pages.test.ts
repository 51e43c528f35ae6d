/** Pages of notes as resources, over both transports. */

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectClient, startHttpServer } from '../support/http.js';
import { temporaryDir } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { writeShop } from '../support/shop.js';

const CLIENTS = [
  ['stdio', async (cwd: string) => (await startMcpSession({ cwd })).client],
  ['HTTP', async (cwd: string) => await connectClient(await startHttpServer({ cwd }))],
] as const;

it.each(CLIENTS)('pages are listed, completed and read over %s, and nothing else is', async (_, start) => {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  await mkdir(join(cwd, 'notes/finance'), { recursive: true });
  await writeFile(join(cwd, 'notes/finance/churn.md'), '# Churn\nA customer who left\n');
  await writeFile(join(cwd, 'notes/long.md'), 'x\n'.repeat(100_000));
  await symlink('../ktx.yaml', join(cwd, 'notes/link.md'));
  const client = await start(cwd);
  const { resources } = await client.listResources();
  expect(resources.map(({ uri, title }) => [uri, title])).toEqual([
    ['ktx://page/notes/finance/churn.md', 'Churn'],
    ['ktx://page/notes/long.md', 'long'],
  ]);
  const ref = { type: 'ref/resource' as const, uri: 'ktx://page/{+path}' };
  const { completion } = await client.complete({ ref, argument: { name: 'path', value: 'CHURN' } });
  expect(completion.values).toEqual(['notes/finance/churn.md']);
  const read = async (uri: string) => (await client.readResource({ uri })).contents[0] as { text: string };
  expect((await read('ktx://page/notes/finance/churn.md')).text).toMatch(/\n\\# Churn\nA customer who left$/);
  const { text } = await read('ktx://page/notes/long.md');
  expect([Buffer.byteLength(text) <= 64 * 1024, text]).toEqual([true, expect.stringContaining('truncated: true')]);
  for (const path of ['notes/link.md', 'notes%2F..%2Fktx.yaml', '..%2Fktx.yaml', 'ktx.yaml', '%2Fetc%2Fpasswd']) {
    const refused = { data: { code: 'KTX_PAGE_UNKNOWN', hint: expect.stringContaining('search') } };
    await expect(read(`ktx://page/${path}`), path).rejects.toMatchObject(refused);
  }
});
