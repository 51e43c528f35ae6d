/** Projects with one connection, `shop`, to a database that statements fill. */

import { join } from 'node:path';
import { temporaryDir } from './ktx.js';
import { createDatabase } from './postgres.js';
import { runSqlite, writeProject } from './shop.js';

/** A project with a SQLite file. */
export async function sqliteShop(statements: readonly string[]) {
  const cwd = await temporaryDir();
  runSqlite(join(cwd, 'shop.db'), statements.join(';'));
  await writeProject(cwd, '  shop: { driver: sqlite, path: ./shop.db, readonly: true }\n');
  return { cwd };
}

/** A project with a new database of PostgreSQL. */
export async function postgresShop(statements: readonly string[]) {
  const [cwd, database] = [await temporaryDir(), await createDatabase()];
  await database.execute(...statements);
  await writeProject(cwd, '  shop: { driver: postgres, url: env:SHOP_URL, readonly: true }\n');
  return { cwd, env: { SHOP_URL: database.url } };
}
