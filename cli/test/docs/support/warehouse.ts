/** Database of the pages, on the PostgreSQL server that `scripts/with-databases.mjs` starts. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SHOP = `
  CREATE TABLE customers (customer_id int PRIMARY KEY, name text NOT NULL, segment text NOT NULL);
  CREATE TABLE orders (order_id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers,
    status text NOT NULL, amount numeric(10, 2) NOT NULL, ordered_at date NOT NULL);
  INSERT INTO customers VALUES (1, 'Ada', 'consumer'), (2, 'Bo', 'business'), (3, 'Cy', 'consumer');
  INSERT INTO orders VALUES (1, 1, 'paid', 20, '2026-03-01'), (2, 1, 'paid', 15.5, '2026-03-02'),
    (3, 2, 'returned', 99, '2026-03-02'), (4, 2, 'paid', 240, '2026-04-01'), (5, 3, 'paid', 7.25, '2026-04-03');`;

/** Database of the documentation tests. */
export interface Warehouse {
  /** URL with the credentials of the owner. */
  owner: string;
  /** Host and port. */
  address: string;
  database: string;
  /** Name of a role that a page creates. */
  reader: string;
  remove(): Promise<void>;
}

/** Creates the database with its tables. */
export async function createWarehouse(): Promise<Warehouse> {
  const server = process.env.KTX_TEST_POSTGRES_URL;
  if (!server) throw new Error('KTX_TEST_POSTGRES_URL is not set: run the tests through scripts/with-databases.mjs');
  const unique = randomBytes(6).toString('hex');
  const [database, reader] = [`ktx_docs_${unique}`, `ktx_reader_${unique}`];
  await psql(server, `CREATE DATABASE ${database}`);
  await psql(server, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  const url = new URL(server);
  url.pathname = `/${database}`;
  await psql(url.href, SHOP);
  return {
    owner: url.href,
    address: url.host,
    database,
    reader,
    async remove() {
      await psql(server, `DROP DATABASE ${database} WITH (FORCE)`);
      await psql(server, `DROP ROLE IF EXISTS ${reader}`);
    },
  };
}

async function psql(url: string, sql: string): Promise<void> {
  await run('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', sql, url]);
}
