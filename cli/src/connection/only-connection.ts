/** Default connection of a command: the only one of the project that fits. */

import type { KtxProject } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** Drivers of services, which are not databases. */
const SERVICE_DRIVERS = ['looker'];

/** Whether a driver is that of a database. */
export function isDatabase(driver: string): boolean {
  return !SERVICE_DRIVERS.includes(driver);
}

/** How a command names a connection. */
export type ConnectionArgument = '--connection-id ID' | 'ID';

/** Finds the only connection of the project. Errors: there is none, or there are several. */
export function findOnly(project: KtxProject, argument: ConnectionArgument): string {
  return findOnlyOf(project, 'connection', argument, () => true);
}

/** Finds the only database of the project. Errors: there is none, or there are several. */
export function findOnlyDatabase(project: KtxProject, argument: ConnectionArgument = '--connection-id ID'): string {
  return findOnlyOf(project, 'database connection', argument, isDatabase);
}

/** Finds the only connection that the adapter can pull from: a Looker for `looker`, else a database. */
export function findOnlyConnection(adapter: string, project: KtxProject): string {
  if (isDatabase(adapter)) return findOnlyDatabase(project);
  const noun = `connection with the driver ${adapter}`;
  return findOnlyOf(project, noun, '--connection-id ID', (driver) => driver === adapter);
}

function findOnlyOf(
  { connections }: KtxProject,
  noun: string,
  argument: ConnectionArgument,
  matches: (driver: string) => boolean,
): string {
  const candidates = connections.filter(({ driver }) => matches(driver));
  const [first, ...others] = candidates;
  if (first === undefined) {
    const message = `This project has no ${noun} yet`;
    throw new CliError('KTX_CONNECTION_UNKNOWN', message, 'Add one with: ktx connection add ID');
  }
  if (others.length === 0) return first.id;
  const names = candidates.map(({ id }) => id).join(', ');
  const message = `This project has several connections: ${names}`;
  const next = argument === 'ID' ? 'Name one of them' : `Choose one of them with ${argument}`;
  throw new CliError('KTX_ARGUMENT_INVALID', message, next);
}
