/** Second step: the connection, which is tested before it is written. */

import type { KtxConnectionKeys, KtxDbtProfile, KtxProject } from '@kaelio/ktx';
import { askConnection, type ConnectionAnswers, secretKeyOf } from '../../connection/ask.js';
import type { SecretSource } from '../../connection/flags.js';
import { findOnlyDatabase, isDatabase } from '../../connection/only-connection.js';
import { readSecret, saveConnection } from '../../connection/run.js';
import { describeFailure } from '../../errors.js';
import { pluralize } from '../../output/text.js';
import type { CliIo } from '../../terminal/io.js';
import { chooseOne } from '../../terminal/prompts.js';
import { styleOf } from '../../terminal/style.js';
import { askProfile, findProfile } from './dbt.js';
import { asks, printStep, type Session } from './session.js';

/** Answers given by flags. */
export interface ConnectionFlags {
  connectionId?: string;
  keys: KtxConnectionKeys;
  secret: SecretSource;
  /** Name of a dbt profile that gives the keys. */
  dbtProfile?: string;
}

/** The choice that adds a connection to a project that has some; no connection can have this id. */
const ADD = '';

/** Name of a new connection without another answer. */
const DEFAULT_ID = 'warehouse';

/** Returns the id of the connection to set up: an existing one, or a new one that was added. */
export async function chooseConnection(session: Session, project: KtxProject, flags: ConnectionFlags): Promise<string> {
  const { connectionId } = flags;
  // Adding a connection again changes nothing, so that a command line with all answers can be repeated.
  const taken = project.connections.map(({ id }) => id);
  if (Object.keys(flags.keys).length > 0 || flags.dbtProfile !== undefined) return addConnection(session, flags, taken);
  if (connectionId !== undefined) {
    return taken.includes(connectionId) ? connectionId : addConnection(session, flags, taken);
  }
  const databases = project.connections.filter(({ driver }) => isDatabase(driver));
  if (databases.length === 0) return addConnection(session, flags, taken);
  if (!asks(session) || databases.length === 1) return findOnlyDatabase(project);
  const choices = databases.map(({ id, driver, target }) => ({ value: id, label: id, hint: `${driver}, ${target}` }));
  const chosen = await chooseOne(session.io, 'Which connection should be set up?', [
    ...choices,
    { value: ADD, label: 'Add another one' },
  ]);
  return chosen === undefined || chosen === ADD ? addConnection(session, flags, taken) : chosen;
}

async function addConnection(session: Session, flags: ConnectionFlags, taken: readonly string[]): Promise<string> {
  const { io } = session;
  const { connectionId } = flags;
  const profile = await profileOf(session, flags);
  const keys = { ...profile?.connection, ...flags.keys };
  const secret = await readSecret(flags, keys.driver ?? '', io);
  const secrets = flags.secret.kind === 'none' ? { ...profile?.secrets } : secret.secrets;
  const known = { keys: { readonly: true, ...keys, ...secret.keys }, secrets, taken };
  let answers = asks(session)
    ? await askConnection(io, { ...known, ...(connectionId === undefined ? {} : { connectionId }) })
    : await askConnection(withoutTerminal(io), { ...known, connectionId: connectionId ?? DEFAULT_ID });
  for (;;) {
    const failure = await tryToAdd(session, answers);
    if (failure === undefined) return answers.connectionId;
    if (!asks(session) || !isAboutAnswers(failure)) throw failure;
    answers = await askAgain(session, answers, failure, taken);
  }
}

async function profileOf(session: Session, { dbtProfile, keys }: ConnectionFlags): Promise<KtxDbtProfile | undefined> {
  if (dbtProfile !== undefined) return findProfile(session, dbtProfile);
  return Object.keys(keys).length > 0 ? undefined : askProfile(session);
}

function withoutTerminal(io: CliIo): CliIo {
  const { stdin: _, ...others } = io;
  return others;
}

/** Tests and writes the connection; returns the failure of the test. */
async function tryToAdd(session: Session, answers: ConnectionAnswers): Promise<unknown> {
  const { projectDir, cliVersion, installPolicy, io, calls } = session;
  const daemon = {
    projectDir,
    cliVersion,
    installPolicy,
    ...(session.trust === undefined ? {} : { trust: session.trust }),
  };
  try {
    const args = { ...daemon, ...answers, unset: [], test: true, force: false };
    const change = await saveConnection('add', args, io, calls);
    const { tableCount = 0 } = change.test ?? {};
    for (const warning of change.test?.warnings ?? []) session.warnings.add(warning);
    printStep(session, `Connected to ${answers.connectionId}`, pluralize(tableCount, 'table'));
    return undefined;
  } catch (error) {
    io.signal?.throwIfAborted();
    return error;
  }
}

/** Whether other answers may help; a failed installation, for example, needs none. */
function isAboutAnswers(failure: unknown): boolean {
  return ['KTX_CONNECTION_FAILED', 'KTX_CONNECTION_INVALID', 'KTX_SECRET_MISSING'].includes(
    describeFailure(failure).code,
  );
}

/** The keys that may be wrong, by the daemon's code of a failure; for other failures all of them. */
const WRONG_KEYS: Record<string, string[]> = {
  host_not_found: ['host'],
  connection_failed: ['host', 'port'],
  connection_timeout: ['host', 'port'],
  database_not_found: ['database'],
  tls_failed: ['sslmode', 'sslrootcert'],
};

/** Asks again for what may be wrong, with the last answers as defaults. */
async function askAgain(
  session: Session,
  answers: ConnectionAnswers,
  failure: unknown,
  taken: readonly string[],
): Promise<ConnectionAnswers> {
  const { io } = session;
  // Its next step is to run the command again.
  io.stderr.write(`${styleOf(io, io.stderr).red('Error:')} ${describeFailure(failure).message}\n`);
  const { connectionId, keys, secrets } = answers;
  const { driver = '', readonly = true, url } = keys;
  const secret = secretKeyOf(driver);
  const reason = reasonOf(failure) ?? '';
  const wrong = reason === 'authentication_failed' ? ['user', secret] : WRONG_KEYS[reason];
  if (wrong === undefined || url !== undefined) {
    const name = taken.includes(connectionId) ? {} : { connectionId };
    return askConnection(io, { ...name, keys: { driver, readonly }, suggested: answers, taken });
  }
  const kept = <T extends object>(all: T) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !wrong.includes(key))) as T;
  return askConnection(io, { connectionId, keys: kept(keys), secrets: kept(secrets), only: wrong, suggested: answers });
}

/** The daemon's code of the failure of a test. */
function reasonOf(failure: unknown): string | undefined {
  return (failure as { response?: { code?: string } }).response?.code;
}
