import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addKtxProjectConnection,
  executeKtxSql,
  initKtxProject,
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
import { errorOf } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const OUTSIDE = '  shop: { driver: postgres, url: env:SHOP_URL, readonly: true }\n';
const LITERAL = "  lit: { driver: postgres, url: 'postgres://u:p@127.0.0.1:9/d', readonly: true }\n";
const url = 'postgres://reader:hunter2@127.0.0.1:9/d';

it('paths in results are absolute and normalized', async () => {
  const projectDir = temporaryFolder();
  const made = await initKtxProject({ projectDir: `${projectDir}/x/../shop//`, projectName: 'shop' });
  expect(made).toMatchObject({
    projectDir: join(projectDir, 'shop'),
    configPath: join(projectDir, 'shop', 'ktx.yaml'),
  });
  const loaded = await loadKtxProject({ projectDir: `${projectDir}/shop/.` });
  expect(loaded.projectDir).toBe(join(projectDir, 'shop'));
});

/** A project that came from elsewhere. */
function cloned(connections = OUTSIDE + LITERAL): string {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'ktx.yaml'), `connections:\n${connections}`);
  return projectDir;
}

/** A call that comes to the secret of a connection; what the daemon was sent. */
async function tested(projectDir: string, options: object = {}, connectionId = 'shop'): Promise<string> {
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

describe('a project from elsewhere', () => {
  it('is refused by every function that comes to a secret, with a code and a hint', async () => {
    const projectDir = cloned();
    const options = { projectDir, connectionId: 'shop', env: { ...process.env, SHOP_URL: url } };
    const requestJson = vi.fn();
    const calls = [
      () => testKtxConnection({ ...options, databaseIntrospection: { requestJson } }),
      () => runLocalScan({ ...options, databaseIntrospection: { requestJson } }),
      () => runLocalIngest({ ...options, adapter: 'live-database', databaseIntrospection: { requestJson } }),
      () => executeKtxSql({ ...options, sql: 'SELECT 1', databaseIntrospection: { requestJson } }),
    ];
    for (const call of calls) {
      const error = await errorOf(call);
      expect(error.code).toBe('KTX_PROJECT_UNTRUSTED');
      expect(error.hint).toMatch(/^If you trust it, run: ktx trust /);
      expect(error.hint).toContain(projectDir);
      expect(error.message).toContain('refers to env:SHOP_URL');
      expect(`${error.message}${error.stack}`).not.toContain('hunter2');
    }
    expect(requestJson).not.toHaveBeenCalled();
    expect(existsSync(join(projectDir, '.ktx'))).toBe(false);
  });

  it('sends no secret to the host that it names', async () => {
    const evil = await jsonServer({});
    const key = join(temporaryFolder(), 'id_rsa');
    writeFileSync(key, 'PRIVATE KEY');
    const secrets = ['env:AWS_SECRET_ACCESS_KEY', `file:${key}`, 'file:../../../../etc/hostname'];
    for (const secret of secrets) {
      const projectDir = cloned(
        `  look: { driver: looker, base_url: '${evil.baseUrl}', client_id: me, client_secret: '${secret}' }\n`,
      );
      const env = { ...process.env, AWS_SECRET_ACCESS_KEY: 'aws' };
      const run = { projectDir, connectionId: 'look', adapter: 'looker', env };
      expect((await errorOf(() => runLocalIngest(run))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
    // Below the project no question is needed, and a link out of it is never followed.
    const projectDir = cloned(
      `  look: { driver: looker, base_url: '${evil.baseUrl}', client_id: me, client_secret: 'file:secret' }\n`,
    );
    symlinkSync(key, join(projectDir, 'secret'));
    const run = { projectDir, connectionId: 'look', adapter: 'looker', trust: 'always' as const };
    const error = await errorOf(() => runLocalIngest(run));
    expect(error.message).toContain('is a link that leads out of the project');
    expect(evil.requests).toEqual([]);
  });

  it('needs no trust for what it holds itself', async () => {
    expect(await tested(cloned(), {}, 'lit')).toContain('u:p@');
    const projectDir = cloned("  shop: { driver: postgres, url: 'file:url', readonly: true }\n");
    writeFileSync(join(projectDir, 'url'), url);
    expect(await tested(projectDir)).toContain('hunter2');
  });

  it('is asked about once, where the host asks', async () => {
    const projectDir = cloned();
    const refusing = vi.fn((_question: string) => false);
    expect((await errorOf(() => tested(projectDir, { confirmTrust: refusing }))).code).toBe('KTX_PROJECT_UNTRUSTED');
    expect(refusing.mock.calls[0]?.[0]).toContain('  shop: env:SHOP_URL\nDo you trust it with them?');
    expect(refusing.mock.calls[0]?.[0]).not.toContain('hunter2');
    const agreeing = vi.fn(async () => true);
    expect(await tested(projectDir, { confirmTrust: agreeing })).toContain('hunter2');
    expect(await tested(projectDir, { confirmTrust: agreeing })).toContain('hunter2');
    expect(agreeing).toHaveBeenCalledTimes(1);
    expect(await tested(projectDir)).toContain('hunter2');
    writeFileSync(join(projectDir, 'ktx.yaml'), `connections:\n${OUTSIDE}  new: { driver: looker, base_url: x }\n`);
    expect((await errorOf(() => tested(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    const thrown = new Error('mine');
    const throwing = () => Promise.reject(thrown);
    await expect(tested(projectDir, { confirmTrust: throwing })).rejects.toBe(thrown);
  });

  it('is used or not as the option says', async () => {
    const projectDir = cloned();
    const confirmTrust = vi.fn(() => true);
    expect(await tested(projectDir, { trust: 'always', confirmTrust })).toContain('hunter2');
    expect((await errorOf(() => tested(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    const machine = { ...process.env, SHOP_URL: url, KTX_TRUST: '1' };
    expect(await tested(projectDir, { env: machine })).toContain('hunter2');
    expect(await tested(projectDir, { env: machine, trust: 'ask' })).toContain('hunter2');
    for (const options of [
      { trust: 'never', confirmTrust },
      { trust: 'never', env: machine },
    ]) {
      expect((await errorOf(() => tested(projectDir, options))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
    expect(confirmTrust).not.toHaveBeenCalled();
    const wrong = await errorOf(() => tested(projectDir, { trust: 'yes' }));
    expect(wrong).toBeInstanceOf(TypeError);
    expect(wrong.message).toBe("options.trust must be 'ask', 'always' or 'never'");
  });

  it('is trusted in the own folder of the user, and says with what', async () => {
    const projectDir = cloned();
    const config = temporaryFolder();
    const env = { ...process.env, XDG_CONFIG_HOME: config, APPDATA: config, HOME: config };
    expect(await trustKtxProject({ projectDir, env })).toEqual({
      projectDir,
      references: [{ connectionId: 'shop', references: ['env:SHOP_URL'], target: null }],
    });
    expect(await tested(projectDir, { env: { ...env, SHOP_URL: url } })).toContain('hunter2');
    expect((await errorOf(() => tested(projectDir))).code).toBe('KTX_PROJECT_UNTRUSTED');
    if (process.platform === 'linux') {
      const record = join(config, 'kaelio', 'ktx', 'trust.json');
      expect(statSync(record).mode & 0o777).toBe(0o600);
      expect(readFileSync(record, 'utf8')).not.toContain('SHOP_URL');
    }
  });

  it('plans without a secret, and asks when the SQL is run', async () => {
    const projectDir = cloned();
    const source = {
      name: 'orders',
      table: 'orders',
      grain: ['id'],
      columns: [{ name: 'id', type: 'number' as const }],
    };
    await writeKtxSemanticSource({ projectDir, connectionId: 'shop', source });
    const question = { projectDir, connectionId: 'shop', query: { measures: ['orders.count'] } };
    const requestJson = vi.fn(async () => ({ sql: 'SELECT 1', dialect: 'postgres', columns: [], plan: {} }));
    const options = { ...question, databaseIntrospection: { requestJson }, env: { ...process.env, SHOP_URL: url } };
    expect(await runKtxSemanticQuery(options)).toMatchObject({ sql: 'SELECT 1' });
    expect((await errorOf(() => runKtxSemanticQuery({ ...options, execute: true }))).code).toBe(
      'KTX_PROJECT_UNTRUSTED',
    );
  });
});

describe('a project that was made here', () => {
  it('is trusted with what is added to it', async () => {
    const projectDir = join(temporaryFolder(), 'made');
    await initKtxProject({ projectDir });
    const connection = { driver: 'postgres', url: 'env:SHOP_URL', readonly: true };
    await addKtxProjectConnection({ projectDir, connectionId: 'shop', connection });
    expect(await tested(projectDir)).toContain('hunter2');
    const clone = cloned();
    await addKtxProjectConnection({ projectDir: clone, connectionId: 'mine', connection });
    for (const id of ['shop', 'mine']) {
      expect((await errorOf(() => tested(clone, {}, id))).code).toBe('KTX_PROJECT_UNTRUSTED');
    }
  });

  it('keeps ten changes at once', async () => {
    const projectDir = cloned('');
    const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const connection = { driver: 'sqlite', path: 'x.db' };
    await Promise.all(ids.map((connectionId) => addKtxProjectConnection({ projectDir, connectionId, connection })));
    const { connections } = await loadKtxProject({ projectDir });
    expect(connections.map(({ id }) => id).sort()).toEqual(ids);
  });

  it('keeps the changes of two processes', async () => {
    const projectDir = cloned('');
    const adding = (name: string) =>
      runNode(`import { addKtxProjectConnection } from '@kaelio/ktx';
        const connection = { driver: 'sqlite', path: 'x.db' };
        for (let index = 0; index < 60; index++) await addKtxProjectConnection({
          projectDir: ${JSON.stringify(projectDir)}, connectionId: '${name}' + index, connection });`);
    const results = await Promise.all([adding('a'), adding('b')]);
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect((await loadKtxProject({ projectDir })).connections).toHaveLength(120);
  });
});

describe('links', () => {
  it('out of a project are refused with a code and a next step', async () => {
    const [projectDir, elsewhere] = [cloned(), temporaryFolder()];
    symlinkSync(elsewhere, join(projectDir, 'semantic-layer'), 'junction');
    const error = await errorOf(() => listKtxSemanticSources({ projectDir }));
    expect(error.code).toBe('KTX_PROJECT_UNSAFE');
    expect(error.message).toMatch(/semantic-layer is a link that leads out of the project/);
  });

  it('to a project are followed', async () => {
    const projectDir = cloned();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(projectDir, link, 'junction');
    expect(await listKtxSemanticSources({ projectDir: link })).toEqual([]);
    await trustKtxProject({ projectDir: link });
    expect(await tested(projectDir)).toContain('hunter2');
  });
});
