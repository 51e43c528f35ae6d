/** Databases for tests on the PostgreSQL server that `scripts/with-databases.mjs` starts. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { ktx } from './ktx.js';

const run = promisify(execFile);

// The Python runtime has a PostgreSQL driver; the package has none.
const RUN_SQL = `
import json, sys
import pg8000.dbapi
server, statements = json.loads(sys.argv[1]), json.loads(sys.argv[2])
connection = pg8000.dbapi.connect(**server)
connection.autocommit = True
for statement in statements:
    connection.cursor().execute(statement)
connection.close()
`;

/** Database of a test. */
export interface TestDatabase {
  /** URL with user and password. */
  url: string;
  password: string;
  execute(...statements: string[]): Promise<void>;
}

/** Creates a database, and drops it at the end of the test. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = serverUrl();
  const name = `ktx_cli_${randomBytes(6).toString('hex')}`;
  await execute(server, [`CREATE DATABASE ${name}`]);
  onTestFinished(() => execute(server, [`DROP DATABASE ${name} WITH (FORCE)`]));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    password: decodeURIComponent(url.password),
    execute: (...statements) => execute(url, statements),
  };
}

function serverUrl(): URL {
  const url = process.env.KTX_TEST_POSTGRES_URL;
  if (!url) throw new Error('KTX_TEST_POSTGRES_URL is not set: run the tests through scripts/with-databases.mjs');
  return new URL(url);
}

async function execute(url: URL, statements: string[]): Promise<void> {
  const { manifest } = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
  const server = {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1) || 'postgres',
  };
  await run(manifest.python.executable, ['-c', RUN_SQL, JSON.stringify(server), JSON.stringify(statements)]);
}
