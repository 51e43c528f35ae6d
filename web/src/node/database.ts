/** What pages show of a connection to a database. */

import path from 'node:path';
import { describeKtxDrivers, type KtxProjectConnection } from '@kaelio/ktx';
import { dialectOf } from '../pages/query/model/dialect.js';
import type { LoadContext } from './context.js';

/** Name of the product that a driver connects to; an unknown driver is its own name. */
export function driverTitle(driver: string): string {
  const found = describeKtxDrivers().find((each) => each.driver === driver || each.aliases.includes(driver));
  return found?.title ?? driver;
}

/** Dialects of databases that record what they have run, which `ktx ingest run --adapter historic-sql` reads. */
const WITH_HISTORY = new Set(['postgres', 'mysql', 'clickhouse', 'bigquery', 'snowflake']);

/** Name of the product of a connection whose query history cannot be read, as it keeps none; `null` if it can. */
export function productWithoutHistory(context: LoadContext, connectionId: string): string | null {
  const driver = context.databases.find(({ id }) => id === connectionId)?.driver ?? '';
  return WITH_HISTORY.has(dialectOf(driver)) ? null : driverTitle(driver);
}

/** Whether a connection is to a database, and not to a tool such as Looker. */
export function isDatabase(context: LoadContext, connection: KtxProjectConnection): boolean {
  return context.databases.includes(connection);
}

/** What a connection leads to, without credentials; static files have no paths of this machine. */
export function shownTarget({ target }: KtxProjectConnection, { live }: LoadContext): string {
  return !live && path.isAbsolute(target) ? path.basename(target) : target;
}
