/** The local page on the server of a project: who may see it, and what it can do. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { send, startHttpServer } from '../support/http.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { atAddress, cookieOf, openPage, type PageUrl, parsePageUrl, signIn } from '../support/page.js';
import { writeShop } from '../support/shop.js';

/** Whether this machine has the address. */
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

/** A project with a scan and sources; its server is stopped at the end of the test. */
async function createProject(): Promise<string> {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  onTestFinished(async () => void (await ktx(['mcp', 'stop'], { cwd })));
  for (const args of [
    ['scan', 'local', '--yes'],
    ['sl', 'generate', '--yes'],
  ]) {
    const { code, stderr } = await ktx(args, { cwd });
    if (code !== 0) throw new Error(stderr);
  }
  return cwd;
}

async function openSignedIn(cwd: string) {
  const page = await openPage(cwd);
  return { ...page, cookie: cookieOf(await signIn(page)) };
}

const post = ({ root, origin, cookie }: PageUrl & { cookie: string }, name: string, body: unknown, headers = {}) =>
  send(`${root}api/${name}`, { headers: { origin, cookie, ...headers }, body: JSON.stringify(body) });

describe('ktx open', () => {
  it('starts one server, and opens the page once for each URL', async () => {
    const cwd = await createProject();
    const page = await openPage(cwd);
    const signedOut = await send(page.root, { method: 'GET' });
    expect(signedOut.status).toBe(401);
    expect(signedOut.body).toContain('ktx open');
    expect(signedOut.body).not.toContain('local');
    const first = await signIn(page);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^ktx_page_\d+=\S{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const shown = await send(page.root, { method: 'GET', headers: { cookie: cookieOf(first) } });
    expect(shown).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const again = await signIn(page);
    expect(again.status).toBe(401);
    expect(again.body).toContain('ktx open');
    const second = await openPage(cwd);
    expect(second.origin).toBe(page.origin);
    expect((await ktx(['mcp', 'start', '--json'], { cwd })).stdout).toContain('"reused"');
  });

  it('leads the root of the server to the page, with a strict policy on every response', async () => {
    const page = await openSignedIn(await createProject());
    expect(await send(page.origin, { method: 'GET' })).toMatchObject({ status: 302, headers: { location: '/ui/' } });
    for (const path of ['', 'assets/app.js', 'c/local/map.html', 'no-such-page.html']) {
      const { headers } = await send(`${page.root}${path}`, { method: 'GET', headers: { cookie: page.cookie } });
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    }
  });

  it('has a page for each table and source, and none for other paths', async () => {
    const page = await openSignedIn(await createProject());
    const get = (path: string, method = 'GET') =>
      send(`${page.root}${path}`, { method, headers: { cookie: page.cookie } });
    for (const path of ['c/local/tables.html', 'c/local/table/main.orders.html', 'c/local/source/orders.html']) {
      expect((await get(path)).status, path).toBe(200);
    }
    for (const path of ['c/local/table/nope.html', 'c/nope/map.html', 'assets/../node.cjs', 'assets/node.cjs']) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect((await get('', 'PUT')).status).toBe(405);
  });

  it('shows a change of a file at the next request', async () => {
    const cwd = await createProject();
    const page = await openSignedIn(cwd);
    const sources = async () => {
      return (await send(`${page.root}c/local/sources.html`, { method: 'GET', headers: { cookie: page.cookie } })).body;
    };
    expect(await sources()).not.toContain('returns');
    const file = join(cwd, 'semantic-layer/local/returns.yaml');
    await writeFile(file, 'name: returns\ntable: main.orders\ngrain: [order_id]\n');
    expect(await sources()).toContain('returns');
    await rm(file);
    expect(await sources()).not.toContain('returns');
  });

  it('refuses other hosts, other origins and clients of the protocol', async () => {
    const cwd = await createProject();
    const page = await openPage(cwd);
    const get = (headers: Record<string, string>) => send(page.root, { method: 'GET', headers });
    expect((await get({ host: 'example.com' })).status).toBe(403);
    expect((await signIn(page, { origin: 'http://example.com' })).status).toBe(403);
    expect((await signIn(page, { origin: 'http://localhost:1' })).status).toBe(403);
    const { tokenFile } = JSON.parse((await ktx(['mcp', 'status', '--json'], { cwd })).stdout);
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const authorization = `Bearer ${token}`;
    expect((await get({ authorization })).status).toBe(401);
    expect((await signIn({ ...page, ticket: token })).status).toBe(401);
    expect((await send(`${page.root}ticket`, { headers: { authorization } })).status).toBe(401);
    expect((await signIn(page)).status).toBe(200);
  });

  it('has a host name of its own, whose sessions are of no other host', async () => {
    const cwd = await createProject();
    const named = await openPage(cwd);
    const { hostname, port } = new URL(named.origin);
    expect(hostname).toMatch(/^ktx-[0-9a-f]{32}\.localhost$/);
    const statusOf = async ({ root }: PageUrl, cookie: string, headers = {}) =>
      (await send(root, { method: 'GET', headers: { cookie, ...headers } })).status;
    const cookie = cookieOf(await signIn(named));
    expect(await statusOf(named, cookie)).toBe(200);
    expect(await statusOf(atAddress(named), cookie)).toBe(401);
    const other = atAddress(await openPage(cwd));
    const cookieOfAddress = cookieOf(await signIn(other));
    expect(await statusOf(other, cookieOfAddress)).toBe(200);
    expect(await statusOf(named, cookieOfAddress)).toBe(401);
    const refused = [
      { host: hostname },
      { host: `${hostname}:1` },
      { host: `x.${hostname}:${port}` },
      { host: `ktx-0.localhost:${port}` },
      { origin: `http://127.0.0.1:${port}` },
      { origin: `http://${hostname}:1` },
      { origin: 'null' },
    ];
    for (const headers of refused) expect(await statusOf(named, cookie, headers), JSON.stringify(headers)).toBe(403);
    expect(await statusOf(named, cookie, { host: named.origin.slice('http://'.length).toUpperCase() })).toBe(200);
  });

  it.skipIf(!hasIpv6)('listens on the other address, too, that a browser may try for the name', async () => {
    const page = await openPage(await createProject());
    const onIpv6 = await send(`http://[::1]:${new URL(page.origin).port}/ui/`, {
      method: 'GET',
      headers: { host: new URL(page.origin).host },
    });
    expect([onIpv6.status, onIpv6.body]).toEqual([401, expect.stringContaining('ktx open')]);
  });

  it.skipIf(!hasIpv6)('has no name of its own where another program listens at it', async () => {
    const other = createServer().listen(0, '::1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { process } = await startHttpServer({ cwd: await createProject() }, ['--port', String(port)]);
    expect(process.stderr()).toContain(`Open the page of the project once with: http://127.0.0.1:${port}/ui/#ticket=`);
    expect(process.stderr()).toContain('a host name of its own cannot be used');
  });

  it('shows the text of notes in hits, without Markdown', async () => {
    const cwd = await createProject();
    await mkdir(join(cwd, 'notes'));
    await writeFile(join(cwd, 'notes/churn.md'), '# Churn\n\nA **customer** who has [left](left.md) the `shop`\n');
    const page = await openSignedIn(cwd);
    const { hits } = JSON.parse((await post(page, 'search', { query: 'customer left' })).body);
    const note = hits.find(({ kind }: { kind: string }) => kind === 'page');
    expect(note).toMatchObject({
      name: 'notes/churn.md',
      why: expect.stringContaining('customer who has left the shop'),
    });
  });

  it('does not take a cookie of another server', async () => {
    const [one, other] = await Promise.all([openSignedIn(await createProject()), openPage(await createProject())]);
    const port = new URL(other.origin).port;
    const cookie = one.cookie.replace(/^ktx_page_\d+/, `ktx_page_${port}`);
    for (const given of [one.cookie, cookie]) {
      expect((await send(other.root, { method: 'GET', headers: { cookie: given } })).status).toBe(401);
    }
  });

  it('runs queries read-only, and answers errors with what to do next', async () => {
    const page = await openSignedIn(await createProject());
    const query = { measures: ['orders.count'] };
    const asked = await post(page, 'query', { connectionId: 'local', query, execute: true });
    expect(JSON.parse(asked.body)).toMatchObject({ result: { rowCount: 1 } });
    const wrong = await post(page, 'query', {
      connectionId: 'local',
      query: { measures: ['orders.nope'] },
      execute: true,
    });
    expect(wrong.status).toBe(400);
    expect(JSON.parse(wrong.body)).toMatchObject({
      error: { code: 'KTX_SEMANTIC_INVALID', message: expect.any(String) },
    });
    const found = await post(page, 'search', { query: 'orders' });
    expect(JSON.parse(found.body).hits[0]).toMatchObject({ path: expect.stringContaining('orders.html') });
  });

  it('refuses calls that no page makes', async () => {
    const page = await openSignedIn(await createProject());
    const request = { query: 'orders' };
    expect((await post(page, 'search', request, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(page, 'search', request, { origin: 'http://localhost:1' })).status).toBe(403);
    expect((await post(page, 'search', request, { cookie: '' })).status).toBe(401);
    expect((await post(page, 'search', { query: 1 })).status).toBe(400);
    expect((await post(page, 'search', { query: 'x'.repeat(300_000) })).status).toBe(400);
    expect((await post(page, 'constructor', request)).status).toBe(404);
    expect(
      (await post(page, 'query', { connectionId: 'local', query: {}, execute: true, projectDir: '/' })).status,
    ).toBe(400);
  });

  it('is offered by a server in the foreground, too', async () => {
    const cwd = await createProject();
    const { process } = await startHttpServer({ cwd });
    const url = /Open the page of the project once with: (\S+)/.exec(process.stderr())?.[1] ?? '';
    const page = parsePageUrl(url);
    const { status, body } = await send(page.root, {
      method: 'GET',
      headers: { cookie: cookieOf(await signIn(page)) },
    });
    expect(status).toBe(200);
    expect(body).toContain('local');
  });
});

/** Overwrites the store of the runs. */
async function damageStore(cwd: string): Promise<void> {
  for (const end of ['-wal', '-shm']) await rm(join(cwd, `.ktx/db.sqlite${end}`), { force: true });
  await writeFile(join(cwd, '.ktx/db.sqlite'), 'not a database '.repeat(1000));
}

describe('a damaged store of the runs', () => {
  const repair = 'mkdir .ktx/damaged; mv .ktx/db.sqlite* .ktx/damaged';

  it('leaves the pages that need no runs, and the others say what repairs it', async () => {
    const cwd = await createProject();
    const { runId } = JSON.parse((await ktx(['scan', 'report', 'latest', '--json'], { cwd })).stdout);
    const page = await openSignedIn(cwd);
    await damageStore(cwd);
    const get = (path: string) => send(`${page.root}${path}`, { method: 'GET', headers: { cookie: page.cookie } });
    for (const path of ['tables', 'map', 'sources', 'query', 'table/main.orders', 'source/orders']) {
      const { status, body } = await get(`c/local/${path}.html`);
      expect([path, status, body.includes('orders')]).toEqual([path, 200, true]);
    }
    for (const path of ['', 'changes.html', 'status.html']) {
      expect(await get(path), path).toMatchObject({ status: 200, body: expect.stringContaining(repair) });
    }
    const run = await get(`run/${runId}.html`);
    expect(run).toMatchObject({ status: 500, body: expect.stringContaining(repair) });
    const [, ...commands] = /^(.*); (.*)$/.exec(repair) ?? [];
    for (const command of commands) execFileSync('sh', ['-c', command], { cwd });
    expect((await ktx(['scan', 'local', '--yes'], { cwd })).code).toBe(0);
    expect((await get('changes.html')).body).not.toContain(repair);
  });
});

describe('ktx docs build', () => {
  it('says what it leaves out, and why', async () => {
    const cwd = await createProject();
    const build = (...flags: string[]) => ktx(['docs', 'build', 'site', ...flags], { cwd });
    expect(JSON.parse((await build('--json')).stdout)).toMatchObject({ leftOut: [] });
    await damageStore(cwd);
    await writeFile(join(cwd, 'semantic-layer/local/broken.yaml'), 'name: [');
    const [sync = ''] = await readdir(join(cwd, 'raw-sources/local/live-database'));
    await writeFile(join(cwd, 'raw-sources/local/live-database', sync, 'tables/zzz.json'), '{');
    const { leftOut, folder } = JSON.parse((await build('--json')).stdout);
    expect(leftOut).toEqual([
      { kind: 'tables', connectionId: 'local', path: null, reason: expect.stringContaining('zzz.json') },
      { kind: 'source', connectionId: 'local', path: 'semantic-layer/local/broken.yaml', reason: expect.any(String) },
      { kind: 'runs', connectionId: null, path: null, reason: expect.stringContaining('db.sqlite') },
    ]);
    expect(await readFile(join(folder, 'changes.html'), 'utf8')).not.toContain(cwd);
    expect((await build()).stdout.split('\n').slice(2, -1)).toEqual([
      expect.stringMatching(/^Left out: the tables of local: .*zzz\.json .*\. Scan again with: ktx scan local$/),
      expect.stringMatching(/^Left out: semantic-layer\/local\/broken\.yaml: /),
      expect.stringMatching(/^Left out: the runs: .*db\.sqlite: file is not a database\. /),
    ]);
  });

  it('writes the pages, and only into a folder of its own', async () => {
    const cwd = await createProject();
    const built = await ktx(['docs', 'build', 'site ä', '--json'], { cwd });
    const { folder, pages, entry } = JSON.parse(built.stdout);
    expect(folder).toBe(join(cwd, 'site ä'));
    expect(pages).toBeGreaterThan(15);
    expect(await readFile(entry, 'utf8')).toContain('content="default-src &#39;none&#39;');
    expect((await stat(join(folder, 'c', 'local', 'table', 'main.orders.html'))).size).toBeGreaterThan(1000);
    const refused = await ktx(['docs', 'build', '.'], { cwd });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('has files that no build has written');
    await writeFile(join(folder, 'CNAME'), 'data.example.com');
    expect((await ktx(['docs', 'build', 'site ä'], { cwd })).code).toBe(0);
    expect(await readFile(join(folder, 'CNAME'), 'utf8')).toBe('data.example.com');
  });
});
