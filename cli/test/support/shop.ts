/** Projects with a SQLite database of a shop. */

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** SQL of two related tables and a view. */
export const SHOP_SQL = `
  CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE orders (order_id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id), größe TEXT);
  CREATE VIEW big_orders AS SELECT * FROM orders WHERE größe = 'L';`;

const RUN_SQL = 'import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); database.executescript(sys.argv[2])';

/** Runs SQL on a SQLite file with the Python of the system. */
export function runSqlite(file: string, sql: string): void {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const { status, stderr } = spawnSync(python, ['-c', RUN_SQL, file, sql], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`SQL failed: ${stderr}`);
}

const SELECT =
  'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))';

/** Runs a query on a SQLite file and returns its rows. */
export function selectFromSqlite(file: string, sql: string): unknown[][] {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const { status, stderr, stdout } = spawnSync(python, ['-c', SELECT, file, sql], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`SQL failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Writes a `ktx.yaml` with these connections, as YAML below `connections:`. */
export async function writeProject(dir: string, connections: string): Promise<void> {
  await writeFile(
    join(dir, 'ktx.yaml'),
    `project: shop\ningest: { adapters: [live-database, looker, historic-sql] }\nconnections:\n${connections}`,
  );
}

/** Writes a project with the connection `local`, the SQLite file `shop.db`; returns its path. */
export async function writeShop(dir: string): Promise<string> {
  const file = join(dir, 'shop.db');
  runSqlite(file, SHOP_SQL);
  await writeProject(dir, '  local: { driver: sqlite, path: ./shop.db, readonly: true }\n');
  return file;
}
