// Scans of 5,000 tables compared with the queries alone, and pulling the query history of PostgreSQL.
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';
import { runRotated } from '../lib/measure.mjs';
import { output, timeProcess, withoutExtraCertificates } from '../lib/processes.mjs';
import { statements } from '../lib/statements.mjs';
import { atLeast, noTarget } from '../lib/target.mjs';

const TABLES = 5000;
const STATEMENTS = 50_000;
const ktx = path.join(root, 'cli', 'dist', 'ktx.js');
const program = path.join(root, 'benches', 'programs', 'databases.py');

/** Rows of this module. */
export const rows = [
  scan('SQLite', 'sqlite3', async ({ python, folder }) => {
    const file = path.join(folder, 'warehouse.db');
    await output(python, [program, 'schema-sqlite', file, String(TABLES)]);
    const queries = () => timeProcess(python, [program, 'scan-sqlite', file]);
    return { connection: { driver: 'sqlite', url: `sqlite:///${file}` }, queries };
  }),
  scan('PostgreSQL', 'psql', async ({ python, url }) => {
    await output(python, [program, 'schema-postgres', url, String(TABLES)]);
    const sql = await output(python, [program, 'sql-postgres']);
    const queries = () => timeProcess('psql', ['-qAtX', '-c', sql, url], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { connection: { driver: 'postgres', url }, queries };
  }),
  {
    name: `statements of PostgreSQL pulled, ${STATEMENTS} of 1,000 kinds`,
    unit: 'statements/s',
    needsDatabases: true,
    async setUp(ctx) {
      const context = await createDatabaseContext(ctx);
      const file = path.join(context.folder, 'statements.json');
      writeFileSync(file, JSON.stringify(statements(STATEMENTS, 1000, 'pulled')));
      await output(context.python, [program, 'statements', context.url, file]);
      const historicSql = { enabled: true, dialect: 'postgres', minCalls: 1 };
      return { ...context, connection: { driver: 'postgres', url: context.url, historicSql } };
    },
    measure: ({ folder, connection, url }, ctx, run) =>
      runRotated(
        {
          'ktx ingest run': async () => {
            // A new daemon has an empty template cache.
            await ctx.stopDaemon();
            await ctx.daemon();
            const args = ['ingest', 'run', '--connection-id', 'w', '--adapter', 'historic-sql'];
            return perSecond(STATEMENTS, timeInProject(folder, connection, args));
          },
          'psql, reading them': () =>
            perSecond(STATEMENTS, timeProcess('psql', ['-qAtX', '-c', 'SELECT * FROM pg_stat_statements', url])),
        },
        run,
      ),
    compare: [{ ours: 'ktx ingest run', against: 'psql, reading them', target: noTarget() }],
  },
];

function scan(database, client, make) {
  return {
    name: `scan of 5,000 tables, ${database}`,
    unit: 'tables/s',
    needsDatabases: true,
    async setUp(ctx) {
      const context = await createDatabaseContext(ctx);
      return { ...context, ...(await make(context)) };
    },
    measure: ({ folder, connection, queries }, _, run) =>
      runRotated(
        {
          'ktx scan': () => perSecond(TABLES, timeInProject(folder, connection, ['scan', 'w'])),
          [`the queries by ${client}`]: () => perSecond(TABLES, queries()),
        },
        run,
      ),
    compare: [{ ours: 'ktx scan', against: `the queries by ${client}`, target: atLeast(0.5) }],
  };
}

/** Starts a daemon; returns its interpreter, a folder, and a database on the server of `with-databases.mjs`. */
async function createDatabaseContext(ctx) {
  const { layout } = await ctx.runtime();
  await ctx.daemon();
  const folder = mkdtempSync(path.join(ctx.folder, 'scan-'));
  return { python: layout.pythonPath, folder, url: await createDatabase(ctx) };
}

async function createDatabase(ctx) {
  const server = process.env.KTX_TEST_POSTGRES_URL;
  const name = `bench_${ctx.folder.replace(/\W/g, '').slice(-6).toLowerCase()}_${process.hrtime.bigint()}`;
  await timeProcess('psql', ['-qX', '-c', `CREATE DATABASE ${name}`, server]);
  ctx.onClose(() => timeProcess('psql', ['-qX', '-c', `DROP DATABASE ${name} WITH (FORCE)`, server]));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Rate per second of `count` items in a number of milliseconds. */
export async function perSecond(count, milliseconds) {
  return count / ((await milliseconds) / 1000);
}

/**
 * Milliseconds of a command in a new project with one connection, `w`. The project is not deleted: ext4 scans recently
 * deleted inodes before it creates a file, which takes four times as long as the scan.
 */
export async function timeInProject(folder, connection, args, runtime = '--no-input') {
  const cwd = mkdtempSync(path.join(folder, 'project-'));
  const adapters = ['live-database', 'historic-sql'];
  const project = { project: 'bench', ingest: { adapters }, connections: { w: { ...connection, readonly: true } } };
  writeFileSync(path.join(cwd, 'ktx.yaml'), JSON.stringify(project));
  return timeProcess(process.execPath, [ktx, ...args, runtime], { cwd, env: withoutExtraCertificates });
}
