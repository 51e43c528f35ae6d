import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addKeyFlags, keysOf } from '../../../src/connection/flags.js';

function keys(...flags: string[]) {
  const command = addKeyFlags(new Command());
  command.parse(flags, { from: 'user' });
  return keysOf(command.opts());
}

describe('--set', () => {
  test('sets keys of any driver with their types', async () => {
    const settings = ['project=shop', 'maximum_bytes_billed=1000', 'use_ssl=true', 'keyfile_json=env:KEY', 'role=A=B'];
    expect(await keys('--driver', 'bigquery', '--set', ...settings, '--set', 'dbt_profile=shop.prod')).toEqual({
      driver: 'bigquery',
      project: 'shop',
      maximum_bytes_billed: 1000,
      use_ssl: true,
      keyfile_json: 'env:KEY',
      role: 'A=B',
      dbt_profile: 'shop.prod',
    });
  });

  test.each([
    ['token=hunter2', '--set takes no secret, such as token', 'Write --set token=env:NAME'],
    ['projects=shop', '--set has no key of a driver: projects', 'docs/formats.md'],
    ['project', '--set has no key of a driver: project', 'key=value'],
    ['__proto__=x', '--set has no key of a driver: __proto__', 'key=value'],
    ['use_ssl=yes', '--set use_ssl is not true or false', undefined],
    ['maximum_bytes_billed=1e9', '--set maximum_bytes_billed is not a number', undefined],
  ])('refuses %s', async (setting, message, next) => {
    const expected = { message, ...(next === undefined ? {} : { next: expect.stringContaining(next) }) };
    await expect(keys('--set', setting)).rejects.toMatchObject(expected);
  });
});
