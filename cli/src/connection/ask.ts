/** Asks on a terminal for what a new connection lacks. Does not change anything. */

import { describeKtxDrivers, type KtxConnectionKeys, type KtxDriver, type KtxDriverPart } from '@kaelio/ktx';
import { CliError } from '../errors.js';
import { type CliIo, isInteractive } from '../terminal/io.js';
import { askSecret, askText, chooseOne } from '../terminal/prompts.js';
import { isPort } from './flags.js';

/** Answers for a connection. `secrets` are stored outside of the project. */
export interface ConnectionAnswers {
  connectionId: string;
  keys: KtxConnectionKeys;
  secrets: Record<string, string>;
}

/** What is known before. */
export interface KnownAnswers extends Partial<ConnectionAnswers> {
  /** Answers that are offered as defaults. */
  suggested?: ConnectionAnswers;
  /** The only keys that are asked for. */
  only?: readonly string[];
  /** Ids of the connections of the project. */
  taken?: readonly string[];
}

/**
 * Completes the answers for a new connection. Without a terminal nothing is asked.
 *
 * Errors: without a terminal, a name, a driver or a required key is missing; the next step names its flag.
 */
export async function askConnection(io: CliIo, known: KnownAnswers): Promise<ConnectionAnswers> {
  const keys = { ...known.keys };
  const secrets = { ...known.secrets };
  keys.driver ??= driverOfUrl(keys.url) ?? (await askDriver(io));
  const driver = findDriver(keys.driver);
  const connectionId =
    known.connectionId ??
    (await askName(
      io,
      known.suggested?.connectionId ?? (driver?.kind === 'service' ? keys.driver : 'warehouse'),
      known,
    ));
  if (keys.url !== undefined) return { connectionId, keys, secrets };
  if (driver === undefined) {
    keys.url = await requireAnswer(io, '--url', () => askText(io, 'URL, or env:NAME for a variable with it'));
    return { connectionId, keys, secrets };
  }
  const parts = partsToAsk(driver, { keys, secrets }, io, known.only);
  for (const part of parts) {
    if (keys.url !== undefined) break;
    if (part.kind === 'secret' && !part.required && hasSecret(driver, { keys, secrets })) continue;
    await askPart(io, driver, part, { keys, secrets }, known.suggested?.keys);
  }
  return { connectionId, keys, secrets };
}

/** The driver with a name or the scheme of a URL, if KTX has it itself. */
export function findDriver(name: string): KtxDriver | undefined {
  return describeKtxDrivers().find(({ driver, aliases }) => driver === name || aliases.includes(name));
}

/** The key of the secret of a driver. */
export function secretKeyOf(driver: string): string {
  return findDriver(driver)?.parts.find(({ kind }) => kind === 'secret')?.key ?? 'password';
}

function driverOfUrl(url: string | undefined): string | undefined {
  const scheme = url?.includes('://') ? url.split('://')[0] : undefined;
  return scheme === undefined ? undefined : findDriver(scheme)?.driver;
}

async function askDriver(io: CliIo): Promise<string> {
  const choices = describeKtxDrivers().map(({ driver, title, feature, parts }) => {
    const needs = parts.filter(({ required }) => required).map(({ key }) => key.replace('_', ' '));
    const install = feature === undefined ? '' : '; its driver is installed on first use';
    return { value: driver, label: title, hint: `needs ${needs.join(', ')}${install}` };
  });
  return requireAnswer(io, '--driver', () => chooseOne(io, 'What does the connection lead to?', choices));
}

async function askName(io: CliIo, initial: string, { taken = [] }: KnownAnswers): Promise<string> {
  const validate = (name: string) =>
    taken.includes(name.trim()) ? 'The project has a connection of this name already' : undefined;
  const suggested = freeName(initial, taken);
  return requireAnswer(io, 'a name', () => askText(io, 'Name of the connection', suggested, validate));
}

/** The name, with a number if a connection has it already. */
function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) free = `${name}-${number}`;
  return free;
}

/** Whether one of the secrets of a driver is known: a password, or a token in its place. */
function hasSecret(driver: KtxDriver, { keys, secrets }: Omit<ConnectionAnswers, 'connectionId'>): boolean {
  return driver.parts.some(({ key, kind }) => kind === 'secret' && (key in keys || key in secrets));
}

/** Required keys; on a terminal also the usual optional ones, which may be left empty. */
function partsToAsk(
  driver: KtxDriver,
  { keys, secrets }: Omit<ConnectionAnswers, 'connectionId'>,
  io: CliIo,
  only: readonly string[] | undefined,
): KtxDriverPart[] {
  if (only !== undefined) return driver.parts.filter(({ key }) => only.includes(key));
  const isKnown = ({ key }: KtxDriverPart) => key in keys || key in secrets;
  const asksAll = isInteractive(io) && !driver.parts.some((part) => part.required && isKnown(part));
  return driver.parts.filter((part) => !isKnown(part) && (part.required || (asksAll && part.usual)));
}

async function askPart(
  io: CliIo,
  driver: KtxDriver,
  { key, kind, required }: KtxDriverPart,
  { keys, secrets }: Omit<ConnectionAnswers, 'connectionId'>,
  suggested: KtxConnectionKeys = {},
): Promise<void> {
  const question = `${driver.title}: ${key === 'host' ? 'host, or a whole URL' : key}${required ? '' : ' (optional)'}`;
  if (kind === 'secret') {
    const ask = () => askSecret(io, `${question}; env:NAME refers to a variable`);
    const secret = required ? await requireAnswer(io, '--password-env', ask) : await ask();
    if (secret === undefined || secret === '') return;
    if (/^(env|file):/.test(secret)) Object.assign(keys, { [key]: secret });
    else secrets[key] = secret;
    return;
  }
  const usual = key === 'port' ? String(driver.defaultPort ?? '') : key === 'host' ? 'localhost' : '';
  const initial = String((suggested as Record<string, unknown>)[key] ?? usual);
  const validate = (text: string) =>
    key === 'port' && text !== '' && !isPort(text) ? 'A port is a number from 1 to 65535' : undefined;
  const ask = () => askText(io, question, initial, validate);
  const answer = required ? await requireAnswer(io, flagOf(key), ask) : await ask();
  if (answer === undefined || answer === '') return;
  const name = key === 'host' && answer.includes('://') ? 'url' : key;
  Object.assign(keys, { [name]: kind === 'number' ? Number(answer) : answer });
}

/** The flag that sets a key. */
function flagOf(key: string): string {
  return ['path', 'host', 'base_url', 'client_id'].includes(key) ? `--${key.replace('_', '-')}` : `--set ${key}=…`;
}

async function requireAnswer(io: CliIo, flag: string, ask: () => Promise<string | undefined>): Promise<string> {
  const answer = isInteractive(io) ? await ask() : undefined;
  if (answer !== undefined && answer.trim() !== '') return answer.trim();
  const message = `The connection needs ${flag}`;
  throw new CliError('KTX_ARGUMENT_INVALID', message, 'Add it, or run the command on a terminal, which asks for it');
}
