import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addKtxConnection,
  describeKtxDrivers,
  editKtxConnection,
  executeKtxSql,
  listKtxRuns,
  loadKtxProject,
  removeKtxConnection,
  runLocalScan,
  testKtxConnection,
  trustKtxProject,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError } from './support/failure.js';
import { temporaryFolder } from './support/temp.js';

const PASSWORD = 'p@:/?#%[ä] +&=';

/** A project in a new folder, and the variables of a user with a new home. */
function createProject(connections = '') {
  const [projectDir, home] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(projectDir, 'ktx.yaml'), `# mine\nconnections:\n${connections}`);
  const env = {
    ...process.env,
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, 'c'),
    APPDATA: join(home, 'c'),
  };
  return { projectDir, env, text: () => readFileSync(join(projectDir, 'ktx.yaml'), 'utf8') };
}

/** A daemon that answers every introspection with these tables. */
function fakeDaemon(tables: string[] = []) {
  const answer = {
    connection_id: 'w',
    extracted_at: '2026-01-01T00:00:00Z',
    metadata: { schemas: ['public'] },
    tables: tables.map((name) => ({ name, kind: 'table', db: 'public', columns: [], foreign_keys: [] })),
  };
  return vi.fn(async (_path: string, _payload: Record<string, unknown>) => answer);
}

/** The URL of the only request. */
const urlOf = (requestJson: ReturnType<typeof fakeDaemon>) => requestJson.mock.calls[0]?.[1].url;

describe('parts of an address', () => {
  it('are percent-encoded for the daemon, and masked in errors', async () => {
    const { projectDir, env } = createProject(
      '  w: { driver: postgres, host: "::1", port: 5433, user: ada@corp, password: env:P, database: größe, readonly: true }\n',
    );
    const requestJson = fakeDaemon();
    const options = { projectDir, connectionId: 'w', env: { ...env, P: PASSWORD }, trust: 'always' as const };
    await testKtxConnection({ ...options, databaseIntrospection: { requestJson } });
    const url = new URL(String(urlOf(requestJson)));
    expect([url.hostname, url.port, decodeURIComponent(url.username)]).toEqual(['[::1]', '5433', 'ada@corp']);
    expect(decodeURIComponent(url.password)).toBe(PASSWORD);
    const failing = async () => {
      throw new Error(`wrong password ${PASSWORD} for ${String(urlOf(requestJson))}`);
    };
    await testKtxConnection({ ...options, databaseIntrospection: { requestJson: failing } }).catch(() => {});
    const [connection] = (await loadKtxProject({ projectDir })).connections;
    expect(connection?.target).toBe('[::1]:5433/größe');
  });

  it('need trust like URLs', async () => {
    const { projectDir, env } = createProject('  w: { driver: postgres, host: h, password: env:P, readonly: true }\n');
    const options = { projectDir, connectionId: 'w', env, databaseIntrospection: { requestJson: fakeDaemon() } };
    const error = await catchError(() => testKtxConnection(options));
    expect(error.code).toBe('KTX_PROJECT_UNTRUSTED');
    expect(error.message).toContain('refers to env:P');
  });
});

describe('changes of connections', () => {
  it('store secrets in private files', async () => {
    const { projectDir, env, text } = createProject();
    const connection = {
      driver: 'postgres',
      url: `postgres://ada:${encodeURIComponent(PASSWORD)}@h/d`,
      readonly: true,
    };
    const added = await addKtxConnection({ projectDir, connectionId: 'w', connection, storeSecrets: true, env });
    expect(added.project.connections).toMatchObject([{ id: 'w', target: 'h/d' }]);
    const [file = ''] = added.storedSecrets;
    expect(readFileSync(file, 'utf8')).toBe(PASSWORD);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(text()).toMatch(/^# mine\nconnections:\n {2}w:\n/);
    expect(text()).not.toContain('p@');
    const edited = await editKtxConnection({ projectDir, connectionId: 'w', secrets: { password: 'next' }, env });
    expect(edited.removedSecrets).toEqual([file]);
    const requestJson = fakeDaemon();
    await testKtxConnection({ projectDir, connectionId: 'w', env, databaseIntrospection: { requestJson } });
    expect(urlOf(requestJson)).toBe('postgres://ada:next@h/d');
    const removed = await removeKtxConnection({ projectDir, connectionId: 'w', env });
    expect(removed.removedSecrets).toEqual(edited.storedSecrets);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('are not written if the test fails', async () => {
    const { projectDir, env, text } = createProject();
    const before = text();
    const requestJson = async () => {
      throw new Error('down');
    };
    const options = { projectDir, connectionId: 'w', env, test: true, databaseIntrospection: { requestJson } };
    const connection = { driver: 'postgres', host: 'h', readonly: true };
    await expect(addKtxConnection({ ...options, connection, secrets: { password: 'x' } })).rejects.toThrow('down');
    expect(text()).toBe(before);
    const folder = join(env.XDG_CONFIG_HOME, 'kaelio', 'ktx', 'secrets');
    const stored = existsSync(folder) ? readdirSync(folder).flatMap((name) => readdirSync(join(folder, name))) : [];
    expect(stored).toEqual([]);
  });

  it('are tested before they are written', async () => {
    const { projectDir, env, text } = createProject();
    const requestJson = fakeDaemon(['orders']);
    const connection = { driver: 'postgres', host: 'h', password: 'env:P', readonly: true };
    const options = { projectDir, connectionId: 'w', env: { ...env, P: 'secret-1' }, test: true };
    const added = await addKtxConnection({ ...options, connection, databaseIntrospection: { requestJson } });
    expect(added.test).toEqual({ connectionId: 'w', driver: 'postgres', tableCount: 1 });
    expect(urlOf(requestJson)).toBe('postgres://:secret-1@h');
    expect(text()).toContain('password: env:P');
  });

  it('reject unknown keys and contradictions', async () => {
    const { projectDir, env, text } = createProject('  w: { driver: sqlite, path: x.db }\n');
    const before = text();
    const change = (connection: object) =>
      catchError(() => editKtxConnection({ projectDir, connectionId: 'w', connection, env }));
    expect((await change({ hots: 'h' })).message).toBe('options.connection: unknown key hots; did you mean host?');
    expect((await change({ port: 'x' })).code).toBe('KTX_ARGUMENT_INVALID');
    expect((await change({ host: 'h' })).code).toBe('KTX_CONNECTION_INVALID');
    expect(text()).toBe(before);
  });
});

describe('environments', () => {
  const CONNECTIONS = `  w: { driver: postgres, host: dev, readonly: true }
environments:
  dev:
  prod: { connections: { w: { host: prod, password: env:P } } }
`;

  it('are selected by the option or by KTX_ENV', async () => {
    const { projectDir, env } = createProject(CONNECTIONS);
    const hostIn = async (environment?: string, variables = {}) => {
      const project = await loadKtxProject({
        projectDir,
        env: { ...env, ...variables },
        ...(environment === undefined ? {} : { environment }),
      });
      return [project.environment, project.connections[0]?.target];
    };
    expect(await hostIn()).toEqual([undefined, 'dev']);
    expect(await hostIn('prod')).toEqual(['prod', 'prod']);
    expect(await hostIn(undefined, { KTX_ENV: 'prod' })).toEqual(['prod', 'prod']);
    expect(await hostIn('dev', { KTX_ENV: 'prod' })).toEqual(['dev', 'dev']);
    expect(await hostIn('', { KTX_ENV: 'prod' })).toEqual([undefined, 'dev']);
    const error = await catchError(() => hostIn('stage'));
    expect(error.code).toBe('KTX_ENVIRONMENT_UNKNOWN');
    expect(error.message).toContain('available: dev, prod');
  });

  it('apply to queries, and are covered by trust', async () => {
    const { projectDir, env } = createProject(CONNECTIONS);
    const requestJson = vi.fn(async (_path: string, _payload: Record<string, unknown>) => ({
      columns: [],
      rows: [],
      row_count: 0,
      truncated: false,
    }));
    const query = (environment: string) =>
      executeKtxSql({
        projectDir,
        connectionId: 'w',
        sql: 'SELECT 1',
        env: { ...env, P: 'secret-1' },
        environment,
        databaseIntrospection: { requestJson },
      });
    await query('dev');
    expect((await catchError(() => query('prod'))).code).toBe('KTX_PROJECT_UNTRUSTED');
    const { references } = await trustKtxProject({ projectDir, env });
    expect(references).toEqual([{ connectionId: 'w', references: ['env:P'], target: 'prod' }]);
    await query('prod');
    const urls = requestJson.mock.calls.map(([, { url }]) => url);
    expect(urls).toEqual(['postgres://dev', 'postgres://:secret-1@prod']);
  });

  it('are scanned apart, with a warning after a change of the environment', async () => {
    const { projectDir, env } = createProject(CONNECTIONS);
    const scan = async (environment: string, tables: string[]) => {
      const requestJson = fakeDaemon(tables);
      const options = { projectDir, connectionId: 'w', env: { ...env, P: 'x' }, trust: 'always' as const };
      return (await runLocalScan({ ...options, environment, databaseIntrospection: { requestJson } })).report;
    };
    expect((await scan('dev', ['a', 'b'])).diffSummary.added).toBe(2);
    const prod = await scan('prod', ['a']);
    expect(prod.environment).toBe('prod');
    expect(prod.diffSummary).toMatchObject({ added: 1, deleted: 0 });
    expect(prod.warnings).toContain(
      'The last sync of w was in the environment dev; this one is compared with the last sync in the environment prod',
    );
    expect((await scan('dev', ['a', 'b', 'c'])).diffSummary).toMatchObject({ added: 1, unchanged: 2, deleted: 0 });
    const environments = (await listKtxRuns({ projectDir })).map(({ environment }) => environment);
    expect(environments).toEqual(['dev', 'prod', 'dev']);
  });
});

it('describes drivers with their parts', () => {
  const drivers = describeKtxDrivers();
  expect(drivers.map(({ driver }) => driver)).toEqual([
    'postgres',
    'mysql',
    'mariadb',
    'sqlite',
    'duckdb',
    'clickhouse',
    'bigquery',
    'snowflake',
    'spark',
    'files',
    'looker',
  ]);
  expect(drivers[0]).toMatchObject({ title: 'PostgreSQL', kind: 'server', defaultPort: 5432 });
  expect(drivers[0]?.parts.filter(({ required }) => required).map(({ key }) => key)).toEqual(['host']);
  expect(drivers[4]).toMatchObject({ feature: 'duckdb', parts: [{ key: 'path', kind: 'file', required: true }] });
});
