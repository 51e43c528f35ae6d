/** What pages show of a connection to a database. */

import path from 'node:path';
import { describeKtxDrivers, type KtxProjectConnection } from '@kaelio/ktx';
import type { LoadContext } from './context.js';

/** Name of the product that a driver connects to; an unknown driver is its own name. */
export function driverTitle(driver: string): string {
  const found = describeKtxDrivers().find((each) => each.driver === driver || each.aliases.includes(driver));
  return found?.title ?? driver;
}

/** Whether a connection is to a database, and not to a tool such as Looker. */
export function isDatabase(context: LoadContext, connection: KtxProjectConnection): boolean {
  return context.databases.includes(connection);
}

/** What a connection leads to, without credentials; static files have no paths of this machine. */
export function shownTarget({ target }: KtxProjectConnection, { live }: LoadContext): string {
  return !live && path.isAbsolute(target) ? path.basename(target) : target;
}
