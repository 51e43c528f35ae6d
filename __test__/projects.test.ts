import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addKtxConnection,
  executeKtxSql,
  initKtxProject,
  listKtxDatabaseTables,
  listKtxSemanticSources,
  loadKtxProject,
  runKtxSemanticQuery,
  runLocalIngest,
  runLocalScan,
  testKtxConnection,
  trustKtxProject,
  writeKtxSemanticSource,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { runNode } from './support/child.js';
import { catchError } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const OUTSIDE = '  shop: { driver: postgres, url: env:SHOP_URL, readonly: true }\n';
const LITERAL = "  lit: { driver: postgres, url: 'postgres://u:p@127.0.0.1:9/d', readonly: true }\n";
const url = 'postgres://reader:hunter2@127.0.0.1:9/d';

it('returns absolute and normalised paths', async () => {
  const projectDir = temporaryFolder();
  const created = await initKtxProject({ projectDir: `${projectDir}/x/../shop//`, projectName: 'shop' });
  expect(created).toMatchObject({
    projectDir: join(projectDir, 'shop'),
    configPath: join(projectDir, 'shop', 'ktx.yaml'),
  });
  const loaded = await loadKtxProject({ projectDir: `${projectDir}/shop/.` });
  expect(loaded.projectDir).toBe(join(projectDir, 'shop'));
});

/** Creates a project from elsewhere. */
function createForeignProject(connections = OUTSIDE + LITERAL): string {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'ktx.yaml'), `connections:\n${connections}`);
  return projectDir;
}

/** Tests a connection, and returns the requests to the daemon. */
async function testConnection(projectDir: string, options: object = {}, connectionId = 'shop'): Promise<string> {
  const requestJson = vi.fn(async (_path: string, _payload: Record<string, unknown>) => ({
    connection_id: connectionId,
    extracted_at: '2026-01-01T00:00:00Z',
    metadata: { schemas: [] },
    tables: [],
  }));
  const env = { ...process.env, SHOP_URL: url };
  await testKtxConnection({ projectDir, connectionId, env, databaseIntrospection: { requestJson }, ...options });
  return JSON.stringify(requestJson.mock.calls);
}

it('lists the tables of a database regardless of those that the connection selects', async () => {
  const projectDir = createForeignProject(
    "  w: { driver: postgres, url: 'postgres://u@h/d', readonly: true, schemas: [a], include: [b], exclude: [c] }\n",
  );
  const table = (name: string) => ({
    ...{ catalog: 'd', db: 's', comment: null, columns: [], foreign_keys: [] },
    name,
  });
  const requestJson = vi.fn(async (_path: string, _payload: Record<string, unknown>) => ({
    extracted_at: '2026-01-01T00:00:00Z',
    metadata: { schemas: ['s'] },
    tables: [
      { ...table('t'), kind: 'table', estimated_rows: 7 },
      { ...table('v'), kind: 'view', estimated_rows: null },
    ],
    warnings: ['superuser'],
  }));
  const options = { projectDir, connectionId: 'w', databaseIntrospection: { requestJson } };
  expect(await listKtxDatabaseTables(options)).toEqual({
    connectionId: 'w',
    tables: [
      { schema: 's', name: 't', kind: 'table', estimatedRows: 7 },
      { schema: 's', name: 'v', kind: 'view', estimatedRows: null },
    ],
    warnings: ['superuser'],
  });
  const request = { connection_id: 'w', driver: 'postgres', url: 'postgres://u@h/d' };
  expect(requestJson.mock.calls[0]).toEqual(['/database/introspect', { ...request, names_only: true }]);
  await runLocalScan({ ...options, dryRun: true });
  const selection = { schemas: ['a'], include: ['b'], exclude: ['c'] };
  expect(requestJson.mock.calls[1]).toEqual(['/database/introspect', { ...request, ...selection }]);
});

describe('a project from elsewhere', () => {
  it('is rejected by every function that needs a secret, with code and hint', async () => {
    const projectDir = createForeignProject();
    const options = { projectDir, connectionId: 'shop', env: { ...process.env, SHOP_URL: url } };
    const requestJson = vi.fn();
    const calls = [
      () => testKtxConnection({ ...options, databaseIntrospection: { requestJson } }),
      () => listKtxDatabaseTables({ ...options, databaseIntrospection: { requestJson } }),
      () => runLocalScan({ ...options, databaseIntrospection: { requestJson } }),
      () => runLocalIngest({ ...options, adapter: 'live-database', databaseIntrospection: { requestJson } }),
      () => executeKtxSql({ ...options, sql: 'SELECT 1', databaseIntrospection: { requestJson } }),
    ];
    for (const call of calls) {
      const error = await catchError(call);
      expect(error.code).toBe('KTX_PROJECT_UNTRUSTED');
      expect(error.hint).toMatch(/^If you trust it, run: ktx trust /);
      expect(error.hint).toContain(projectDir);
      expect(error.message).toContain('refers to env:SHOP_URL');
      expect(`${error.message}${error.stack}`).not.toContain('hunter2');
    }
    expect(requestJson).not.toHaveBeenCalled();
    expect(existsSync(join(projectDir, '.ktx'))).toBe(false);
  });

  it('sends no secret to a host in its configuration', async () => {
    const evil = await jsonServer({});
    const key = join(temporaryFolder(), 'id_rsa');
    writeFileSync(key, 'PRIVATE KEY');
    const secrets = ['env:AWS_SECRET_ACCESS_KEY', `file:${key}`, 'file:../../../../etc/hostname'];
    for (const secret of secrets) {
      const projectDir = createForeignProject(
        `  look: { driver: looker, base_url: '${evil.baseUrl}', client_id: me, client_secret: '${secret}' }\n`,
      );
      const env = { ...process.env, AWS_SECRET_ACCESS_KEY: 'aws' };
      const run = { projectDir, connectionId: 'look', adapter: 'looker', env };
      expect((await catchError(() => runLocalIngest(run))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
    // Files of the project need no trust, but links out of it are not followed.
    const projectDir = createForeignProject(
      `  look: { driver: looker, base_url: '${evil.baseUrl}', client_id: me, client_secret: 'file:secret' }\n`,
    );
    symlinkSync(key, join(projectDir, 'secret'));
    const run = { projectDir, connectionId: 'look', adapter: 'looker', trust: 'always' as const };
    const error = await catchError(() => runLocalIngest(run));
    expect(error.message).toContain('is a link that leads out of the project');
    expect(evil.requests).toEqual([]);
  });

  it('needs no trust for its own files and literals', async () => {
    expect(await testConnection(createForeignProject(), {}, 'lit')).toContain('u:p@');
    const projectDir = createForeignProject("  shop: { driver: postgres, url: 'file:url', readonly: true }\n");
    writeFileSync(join(projectDir, 'url'), url);
    expect(await testConnection(projectDir)).toContain('hunter2');
  });

  it('is confirmed once if the host prompts', async () => {
    const projectDir = createForeignProject();
    const declining = vi.fn((_question: string) => false);
    expect((await catchError(() => testConnection(projectDir, { confirmTrust: declining }))).code).toBe(
      'KTX_PROJECT_UNTRUSTED',
    );
    expect(declining.mock.calls[0]?.[0]).toContain('  shop: env:SHOP_URL\nDo you trust it with them?');
    expect(declining.mock.calls[0]?.[0]).not.toContain('hunter2');
    const agreeing = vi.fn(async () => true);
    expect(await testConnection(projectDir, { confirmTrust: agreeing })).toContain('hunter2');
    expect(await testConnection(projectDir, { confirmTrust: agreeing })).toContain('hunter2');
    expect(agreeing).toHaveBeenCalledTimes(1);
    expect(await testConnection(projectDir)).toContain('hunter2');
    writeFileSync(join(projectDir, 'ktx.yaml'), `connections:\n${OUTSIDE}  new: { driver: looker, base_url: x }\n`);
    expect((await catchError(() => testConnection(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    const thrown = new Error('mine');
    const throwing = () => Promise.reject(thrown);
    await expect(testConnection(projectDir, { confirmTrust: throwing })).rejects.toBe(thrown);
  });

  it('is trusted according to the option', async () => {
    const projectDir = createForeignProject();
    const confirmTrust = vi.fn(() => true);
    expect(await testConnection(projectDir, { trust: 'always', confirmTrust })).toContain('hunter2');
    expect((await catchError(() => testConnection(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    const machine = { ...process.env, SHOP_URL: url, KTX_TRUST: '1' };
    expect(await testConnection(projectDir, { env: machine })).toContain('hunter2');
    expect(await testConnection(projectDir, { env: machine, trust: 'ask' })).toContain('hunter2');
    for (const options of [
      { trust: 'never', confirmTrust },
      { trust: 'never', env: machine },
    ]) {
      expect((await catchError(() => testConnection(projectDir, options))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
    expect(confirmTrust).not.toHaveBeenCalled();
    const wrong = await catchError(() => testConnection(projectDir, { trust: 'yes' }));
    expect(wrong).toBeInstanceOf(TypeError);
    expect(wrong.message).toBe("options.trust must be 'ask', 'always' or 'never'");
  });

  it('is recorded as trusted in the configuration folder, and returns the references', async () => {
    const projectDir = createForeignProject();
    const config = temporaryFolder();
    const env = { ...process.env, XDG_CONFIG_HOME: config, APPDATA: config, HOME: config };
    expect(await trustKtxProject({ projectDir, env })).toEqual({
      projectDir,
      references: [{ connectionId: 'shop', references: ['env:SHOP_URL'], target: null }],
    });
    expect(await testConnection(projectDir, { env: { ...env, SHOP_URL: url } })).toContain('hunter2');
    expect((await catchError(() => testConnection(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    if (process.platform === 'linux') {
      const record = join(config, 'kaelio', 'ktx', 'trust.json');
      expect(statSync(record).mode & 0o777).toBe(0o600);
      expect(readFileSync(record, 'utf8')).not.toContain('SHOP_URL');
    }
  });

  it('compiles without trust, and needs it to execute the SQL', async () => {
    const projectDir = createForeignProject();
    const source = {
      name: 'orders',
      table: 'orders',
      grain: ['id'],
      columns: [{ name: 'id', type: 'number' as const }],
    };
    await writeKtxSemanticSource({ projectDir, connectionId: 'shop', source });
    const request = { projectDir, connectionId: 'shop', query: { measures: ['orders.count'] } };
    const requestJson = vi.fn(async () => ({ sql: 'SELECT 1', dialect: 'postgres', columns: [], plan: {} }));
    const options = { ...request, databaseIntrospection: { requestJson }, env: { ...process.env, SHOP_URL: url } };
    expect(await runKtxSemanticQuery(options)).toMatchObject({ sql: 'SELECT 1' });
    expect((await catchError(() => runKtxSemanticQuery({ ...options, execute: true }))).code).toBe(
      'KTX_PROJECT_UNTRUSTED',
    );
  });
});

describe('a project of this machine', () => {
  it('is trusted with added connections', async () => {
    const projectDir = join(temporaryFolder(), 'made');
    await initKtxProject({ projectDir });
    const connection = { driver: 'postgres', url: 'env:SHOP_URL', readonly: true };
    await addKtxConnection({ projectDir, connectionId: 'shop', connection });
    expect(await testConnection(projectDir)).toContain('hunter2');
    const clone = createForeignProject();
    await addKtxConnection({ projectDir: clone, connectionId: 'mine', connection });
    for (const id of ['shop', 'mine']) {
      expect((await catchError(() => testConnection(clone, {}, id))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
  });

  it('keeps ten concurrent changes', async () => {
    const projectDir = createForeignProject('');
    const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const connection = { driver: 'sqlite', path: 'x.db' };
    await Promise.all(ids.map((connectionId) => addKtxConnection({ projectDir, connectionId, connection })));
    const { connections } = await loadKtxProject({ projectDir });
    expect(connections.map(({ id }) => id).sort()).toEqual(ids);
  });

  it('keeps the concurrent changes of two processes', async () => {
    const projectDir = createForeignProject('');
    const addInProcess = (name: string) =>
      runNode(`import { addKtxConnection } from '@kaelio/ktx';
        const connection = { driver: 'sqlite', path: 'x.db' };
        for (let index = 0; index < 60; index++) await addKtxConnection({
          projectDir: ${JSON.stringify(projectDir)}, connectionId: '${name}' + index, connection });`);
    const results = await Promise.all([addInProcess('a'), addInProcess('b')]);
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect((await loadKtxProject({ projectDir })).connections).toHaveLength(120);
  });
});

describe('links', () => {
  it('out of a project are rejected', async () => {
    const [projectDir, elsewhere] = [createForeignProject(), temporaryFolder()];
    symlinkSync(elsewhere, join(projectDir, 'semantic-layer'), 'junction');
    const error = await catchError(() => listKtxSemanticSources({ projectDir }));
    expect(error.code).toBe('KTX_PROJECT_UNSAFE');
    expect(error.message).toMatch(/semantic-layer is a link that leads out of the project/);
  });

  it('to a project are followed', async () => {
    const projectDir = createForeignProject();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(projectDir, link, 'junction');
    expect(await listKtxSemanticSources({ projectDir: link })).toEqual([]);
    await trustKtxProject({ projectDir: link });
    expect(await testConnection(projectDir)).toContain('hunter2');
  });
});
