import type { KtxDbtProfile } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { askProfile, findProfile } from '../../../../src/setup/guided/dbt.js';
import { type Answer, KEYS } from '../../../support/fake-terminal.js';
import { guidedSession } from '../../../support/guided.js';
import { ktxError } from '../../../support/projects.js';

const { down, enter } = KEYS;

const dev: KtxDbtProfile = {
  name: 'shop.dev',
  file: '/home/ada/.dbt/profiles.yml',
  connection: { driver: 'postgres', host: 'db.example', port: 5433, database: 'shop' },
  secrets: { password: 'hunter2' },
};
const local: KtxDbtProfile = { ...dev, name: 'shop.local', connection: { driver: 'duckdb', path: '/a.duckdb' } };
const socket: KtxDbtProfile = { ...dev, name: 'shop.socket', connection: { driver: 'postgres', host: 'db' } };
const profiles = { listKtxDbtProfiles: async () => [dev, local, socket] };

describe('findProfile', () => {
  it('finds a profile by its name, in the environment of the command', async () => {
    const { session, calls } = guidedSession({ calls: profiles, io: { env: { DBT_PROFILES_DIR: '/dbt' } } });
    expect(await findProfile(session, 'shop.local')).toBe(local);
    expect(calls.listKtxDbtProfiles).toHaveBeenCalledWith({ env: { DBT_PROFILES_DIR: '/dbt' } });
  });

  it('lists the profiles if there is none of the name', async () => {
    await expect(findProfile(guidedSession({ calls: profiles }).session, 'shop.prod')).rejects.toMatchObject({
      code: 'KTX_ARGUMENT_INVALID',
      message: 'There is no dbt profile shop.prod that KTX can use',
      next: 'Choose shop.dev, shop.local, shop.socket',
    });
  });

  it('says where profiles belong if there is none at all', async () => {
    await expect(findProfile(guidedSession().session, 'shop.dev')).rejects.toMatchObject({
      next: 'Write profiles.yml of dbt, or name its folder in DBT_PROFILES_DIR',
    });
  });
});

describe('askProfile', () => {
  it('offers each profile with its address, without its secret', async () => {
    const { session, screen } = guidedSession({
      calls: profiles,
      answers: [['Which database should be set up?', down, down, enter]],
    });
    expect(await askProfile(session)).toBe(socket);
    expect(screen()).toContain('dbt: shop.dev (postgres db.example:5433 shop)');
    expect(screen()).toContain('dbt: shop.local (duckdb /a.duckdb)');
    expect(screen()).toContain('dbt: shop.socket (postgres db)');
    expect(screen()).not.toContain('hunter2');
  });

  it('returns none for a connection that is entered', async () => {
    const answers: Answer[] = [['Which database should be set up?', down, down, down, enter]];
    expect(await askProfile(guidedSession({ calls: profiles, answers }).session)).toBeUndefined();
  });

  it('does not read profiles without a terminal, and asks nothing if there are none', async () => {
    const { session, calls } = guidedSession({ calls: profiles });
    expect(await askProfile(session)).toBeUndefined();
    expect(calls.listKtxDbtProfiles).not.toHaveBeenCalled();
    const { session: empty, screen } = guidedSession({ answers: [] });
    expect(await askProfile(empty)).toBeUndefined();
    expect(screen()).toBe('');
  });

  it('warns about profiles that cannot be read, and continues', async () => {
    const listKtxDbtProfiles = async () => {
      throw ktxError('KTX_ARGUMENT_INVALID', 'profiles.yml:3:1: a key is missing');
    };
    const { session, stderr } = guidedSession({ calls: { listKtxDbtProfiles }, answers: [] });
    expect(await askProfile(session)).toBeUndefined();
    expect(stderr()).toBe('Warning: The dbt profiles cannot be read: profiles.yml:3:1: a key is missing\n');
  });
});
