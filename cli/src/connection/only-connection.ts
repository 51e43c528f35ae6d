/** Default connection of a command: the only one of the project that fits. */

import type { KtxProject } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** Drivers of services, which are not databases. */
const SERVICE_DRIVERS = ['looker'];

/** Whether a driver is that of a database. */
export function isDatabase(driver: string): boolean {
  return !SERVICE_DRIVERS.includes(driver);
}

/** Finds the only database of the project. Errors: there is none, or there are several. */
export function findOnlyDatabase(project: KtxProject): string {
  return findOnly(project, 'database connection', isDatabase);
}

/** Finds the only connection that the adapter can pull from: a Looker for `looker`, else a database. */
export function findOnlyConnection(adapter: string, project: KtxProject): string {
  if (isDatabase(adapter)) return findOnlyDatabase(project);
  return findOnly(project, `connection with the driver ${adapter}`, (driver) => driver === adapter);
}

function findOnly({ connections, configPath }: KtxProject, noun: string, matches: (driver: string) => boolean): string {
  const candidates = connections.filter(({ driver }) => matches(driver));
  const [first, ...others] = candidates;
  if (first === undefined) {
    throw new CliError('KTX_CONNECTION_UNKNOWN', `This project has no ${noun} yet`, `Add one to ${configPath}`);
  }
  if (others.length === 0) return first.id;
  const names = candidates.map(({ id }) => id).join(', ');
  const message = `This project has several connections: ${names}`;
  throw new CliError('KTX_ARGUMENT_INVALID', message, 'Choose one of them with --connection-id ID');
}
