/** The values of `--set key=value`: keys of any driver, with their types. */

import { describeKtxDrivers, type KtxConnectionKeys, type KtxDriverPart } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** Parses `key=value` for each. Errors: see `parseSetting`. */
export function parseSettings(settings: string[]): KtxConnectionKeys {
  return Object.fromEntries(settings.map(parseSetting));
}

/** A key with its value. Errors: an unknown key, a value of another type, a literal secret. */
function parseSetting(text: string): [string, string | number | boolean] {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (key === 'dbt_profile') return [key, value];
  const part = describeKtxDrivers()
    .flatMap(({ parts }) => parts)
    .find((other) => other.key === key);
  if (part === undefined) {
    const next = 'Write it as key=value; docs/formats.md lists the keys of each driver';
    throw new CliError('KTX_ARGUMENT_INVALID', `--set has no key of a driver: ${key || text}`, next);
  }
  if (part.kind === 'secret' && !/^(env|file):/.test(value)) {
    const next = `Write --set ${key}=env:NAME, and put the secret into that variable`;
    throw new CliError('KTX_ARGUMENT_INVALID', `--set takes no secret, such as ${key}`, next);
  }
  return [key, typed(key, part.kind, value)];
}

function typed(key: string, kind: KtxDriverPart['kind'], value: string): string | number | boolean {
  if (kind === 'number' && /^\d+$/.test(value)) return Number(value);
  if (kind === 'flag' && /^(true|false)$/.test(value)) return value === 'true';
  if (kind !== 'number' && kind !== 'flag') return value;
  const expected = kind === 'flag' ? 'true or false' : 'a number';
  throw new CliError('KTX_ARGUMENT_INVALID', `--set ${key} is not ${expected}`);
}
