/** Empty schemas for a test on every kind of database, filled with the drivers of the runtime. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { ktx } from './ktx.js';

const run = promisify(execFile);

const RUN_SQL = `
import json, sqlite3, sys
from urllib.parse import unquote, urlsplit
driver, target, statements = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
parts = urlsplit(target)
server = {"host": parts.hostname, "port": parts.port, "user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
if driver == "postgres":
    import pg8000.dbapi
    connection = pg8000.dbapi.connect(database=parts.path[1:], **server)
    connection.autocommit = True
elif driver == "mysql":
    import pymysql
    connection = pymysql.connect(autocommit=True, **server)
elif driver == "duckdb":
    import duckdb
    connection = duckdb.connect(target)
else:
    connection = sqlite3.connect(target, isolation_level=None)
cursor = connection.cursor()
for statement in statements:
    cursor.execute(statement)
connection.close()
`;

export const DRIVERS = ['postgres', 'mysql', 'sqlite', 'duckdb'] as const;

export type Driver = (typeof DRIVERS)[number];

/** Schemas for a test: two on a server (databases on MySQL), one in a file. */
export interface DatabaseFixture {
  schemas: string[];
  /** The connection as YAML, for `ktx.yaml`. */
  connection: string;
  execute(...statements: string[]): Promise<void>;
}

/** Creates the schemas, and drops them at the end of the test. */
export async function createDatabaseFixture(driver: Driver, dir: string): Promise<DatabaseFixture> {
  if (driver === 'sqlite' || driver === 'duckdb') {
    const file = join(dir, `shop.${driver}`);
    const execute = (...statements: string[]) => executeOn(driver, file, statements);
    await execute();
    return { schemas: ['main'], connection: `{ driver: ${driver}, path: ./shop.${driver}, readonly: true }`, execute };
  }
  const url = process.env[`KTX_TEST_${driver.toUpperCase()}_URL`];
  if (!url) throw new Error('The URL of the server is not set: run the tests through scripts/with-databases.mjs');
  const execute = (...statements: string[]) => executeOn(driver, url, statements);
  const name = `ktx_cli_${randomBytes(6).toString('hex')}`;
  const schemas = [`${name}_a`, `${name}_b`];
  await execute(...schemas.map((schema) => `CREATE SCHEMA ${schema}`));
  const cascade = driver === 'postgres' ? ' CASCADE' : '';
  const drop = driver === 'mysql' ? ['SET foreign_key_checks = 0'] : [];
  onTestFinished(() => execute(...drop, ...schemas.map((schema) => `DROP SCHEMA ${schema}${cascade}`)));
  const connection = `{ driver: ${driver}, url: '${url}', schemas: [${schemas.join(', ')}], readonly: true }`;
  return { schemas, connection, execute };
}

async function executeOn(driver: Driver, target: string, statements: string[]): Promise<void> {
  const { manifest } = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
  await run(manifest.python.executable, ['-c', RUN_SQL, driver, target, JSON.stringify(statements)]);
}
