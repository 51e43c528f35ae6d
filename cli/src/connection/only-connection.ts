/** The connection that a command means where none is named. */

import type { KtxProject } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** Drivers of connections that have no tables of their own. */
const SERVICES = ['looker'];

/** The only database of the project. Errors: none or several, which are named. */
export function onlyDatabase(project: KtxProject): string {
  return only(project, 'database connection', (driver) => !SERVICES.includes(driver));
}

/** The only connection that the adapter can pull from; `looker` pulls from Looker, every other one from a database. */
export function onlyConnectionFor(adapter: string, project: KtxProject): string {
  if (!SERVICES.includes(adapter)) return onlyDatabase(project);
  return only(project, `connection with the driver ${adapter}`, (driver) => driver === adapter);
}

function only({ connections, configPath }: KtxProject, noun: string, fits: (driver: string) => boolean): string {
  const fitting = connections.filter(({ driver }) => fits(driver));
  const [first, ...others] = fitting;
  if (first === undefined) {
    throw new CliError('KTX_CONNECTION_UNKNOWN', `This project has no ${noun} yet`, `Add one to ${configPath}`);
  }
  if (others.length === 0) return first.id;
  const names = fitting.map(({ id }) => id).join(', ');
  const message = `This project has several connections: ${names}`;
  throw new CliError('KTX_ARGUMENT_INVALID', message, 'Choose one of them with --connection-id ID');
}
