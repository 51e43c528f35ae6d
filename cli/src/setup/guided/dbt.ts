/** A new connection from the user's dbt profiles. */

import type { KtxDbtProfile } from '@kaelio/ktx';
import { CliError, describeFailure } from '../../errors.js';
import { printWarnings } from '../../output/print.js';
import { environmentOf } from '../../terminal/io.js';
import { chooseOne } from '../../terminal/prompts.js';
import { asks, type Session } from './session.js';

/** The choice of no profile; none can have this name. */
const NONE = '';

/** Finds the profile with a name. Errors: there is none of it; the next step lists all. */
export async function findProfile({ io, calls }: Session, name: string): Promise<KtxDbtProfile> {
  const profiles = await calls.listKtxDbtProfiles({ env: environmentOf(io) });
  const found = profiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = profiles.map((profile) => profile.name).join(', ');
  const next = names === '' ? 'Write profiles.yml of dbt, or name its folder in DBT_PROFILES_DIR' : `Choose ${names}`;
  throw new CliError('KTX_ARGUMENT_INVALID', `There is no dbt profile ${name} that KTX can use`, next);
}

/** Asks whether to take one of the profiles, if there are any. */
export async function askProfile(session: Session): Promise<KtxDbtProfile | undefined> {
  const { io } = session;
  const profiles = asks(session) ? await listProfiles(session) : [];
  if (profiles.length === 0) return undefined;
  const choices = profiles.map((profile) => ({
    value: profile.name,
    label: `dbt: ${profile.name}`,
    hint: targetOf(profile),
  }));
  const enter = { value: NONE, label: 'Enter a connection' };
  const chosen = await chooseOne(io, 'Which database should be set up?', [...choices, enter]);
  return profiles.find(({ name }) => name === chosen);
}

/** A file that cannot be read is no obstacle to entering a connection. */
async function listProfiles({ io, calls }: Session): Promise<KtxDbtProfile[]> {
  try {
    return await calls.listKtxDbtProfiles({ env: environmentOf(io) });
  } catch (error) {
    printWarnings(io, [`The dbt profiles cannot be read: ${describeFailure(error).message}`]);
    return [];
  }
}

function targetOf({ connection }: KtxDbtProfile): string {
  const { driver, host, port, database, path } = connection;
  const address = host === undefined ? path : [host, ...(port === undefined ? [] : [port])].join(':');
  return [driver, address, ...(database === undefined ? [] : [database])].join(' ');
}
