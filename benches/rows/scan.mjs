// Scans of 5,000 tables against the queries alone, and the statements of PostgreSQL pulled.
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';
import { eachInTurn } from '../lib/measure.mjs';
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
      const place = await surroundings(ctx);
      const file = path.join(place.folder, 'statements.json');
      writeFileSync(file, JSON.stringify(statements(STATEMENTS, 1000, 'pulled')));
      await output(place.python, [program, 'statements', place.url, file]);
      const historicSql = { enabled: true, dialect: 'postgres', minCalls: 1 };
      return { ...place, connection: { driver: 'postgres', url: place.url, historicSql } };
    },
    measure: ({ folder, connection, url }, ctx, run) =>
      eachInTurn(
        {
          'ktx ingest run': async () => {
            // A new daemon remembers none of them.
            await ctx.stopDaemon();
            await ctx.daemon();
            const words = ['ingest', 'run', '--connection-id', 'w', '--adapter', 'historic-sql'];
            return perSecond(STATEMENTS, inProject(folder, connection, words));
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
      const place = await surroundings(ctx);
      return { ...place, ...(await make(place)) };
    },
    measure: ({ folder, connection, queries }, _, run) =>
      eachInTurn(
        {
          'ktx scan': () => perSecond(TABLES, inProject(folder, connection, ['scan', 'w'])),
          [`the queries by ${client}`]: () => perSecond(TABLES, queries()),
        },
        run,
      ),
    compare: [{ ours: 'ktx scan', against: `the queries by ${client}`, target: atLeast(0.5) }],
  };
}

/** A running daemon, its interpreter, a folder, and a database on the server of `with-databases.mjs`. */
async function surroundings(ctx) {
  const { layout } = await ctx.runtime();
  await ctx.daemon();
  const folder = mkdtempSync(path.join(ctx.folder, 'scan-'));
  return { python: layout.pythonPath, folder, url: await database(ctx) };
}

async function database(ctx) {
  const server = process.env.KTX_TEST_POSTGRES_URL;
  const name = `bench_${ctx.folder.replace(/\W/g, '').slice(-6).toLowerCase()}_${process.hrtime.bigint()}`;
  await timeProcess('psql', ['-qX', '-c', `CREATE DATABASE ${name}`, server]);
  ctx.onClose(() => timeProcess('psql', ['-qX', '-c', `DROP DATABASE ${name} WITH (FORCE)`, server]));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** How many a second, of something that takes so many milliseconds. */
async function perSecond(count, milliseconds) {
  return count / ((await milliseconds) / 1000);
}

/**
 * Milliseconds of a command in a new project with one connection, `w`. The project stays: ext4 looks through all that was
 * deleted within the last seconds before it makes a file, which takes four times as long as the scan.
 */
async function inProject(folder, connection, words) {
  const cwd = mkdtempSync(path.join(folder, 'project-'));
  const adapters = ['live-database', 'historic-sql'];
  const project = { project: 'bench', ingest: { adapters }, connections: { w: { ...connection, readonly: true } } };
  writeFileSync(path.join(cwd, 'ktx.yaml'), JSON.stringify(project));
  return timeProcess(process.execPath, [ktx, ...words, '--no-input'], { cwd, env: withoutExtraCertificates });
}
