import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLocalIngest } from '@kaelio/ktx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKtxCli } from '../../../src/cli.js';
import { makeIo } from '../../support/io.js';

const CONFIG = `connections:
  shop: { driver: sqlite, path: ./shop.db }
  "$(rm)": { driver: postgres }
environments: { prod: { connections: { shop: { path: ./prod.db } } } }
ingest: { adapters: [live-database] }
`;
const ORDERS = `name: orders
table: main.orders
description: "one row\\nper order"
grain: [id]
columns: [{ name: id, type: number }, { name: ordered_at, type: time }]
measures: [{ name: count, expr: count(*) }]
segments: [{ name: paid, expr: id > 0 }]
`;

let dir: string;

beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-completion-')));
  await mkdir(join(dir, 'semantic-layer', 'shop'), { recursive: true });
  await writeFile(join(dir, 'ktx.yaml'), CONFIG);
  await writeFile(join(dir, 'semantic-layer', 'shop', 'orders.yaml'), ORDERS);
  await writeFile(join(dir, 'semantic-layer', 'shop', 'bad.yaml'), 'name: "a\\tb"\ntable: x\n');
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Completes the last word in the folder, and returns the candidates without descriptions. */
async function completed(words: string[], cwd = dir): Promise<string[]> {
  return (await lines(words, cwd)).map((line) => line.split('\t')[0] ?? '');
}

async function lines(words: string[], cwd = dir): Promise<string[]> {
  const { io, stdout, stderr } = makeIo({ cwd });
  expect(await runKtxCli(['complete', '--', ...words], io)).toBe(0);
  expect(stderr()).toBe('');
  return stdout().split('\n').slice(0, -1);
}

describe('complete', () => {
  it('completes commands and subcommands, without hidden ones', async () => {
    const all = await completed(['']);
    expect(all).toEqual(expect.arrayContaining(['sl', 'sql', 'scan', 'completion', 'help']));
    expect(all).not.toContain('complete');
    expect(all).not.toContain('dev');
    expect(await completed(['sl', 'q'])).toEqual(['query']);
    expect(await completed(['--project-dir', dir, 'runtime', 'st'])).toEqual(['status', 'start', 'stop']);
    expect(await lines(['sl', 'gen'])).toEqual([
      'generate\tgenerate semantic sources from the newest scan; manual edits are preserved',
    ]);
  });

  it('completes flags of the command and of the root', async () => {
    const flags = await completed(['sl', 'query', '--']);
    expect(flags).toEqual(expect.arrayContaining(['--measure', '--query-file', '--project-dir', '--help']));
    expect(flags).not.toContain('--adapter');
    expect(await completed(['sl', 'query', '--measure', 'orders.count', '--inc'])).toEqual(['--include-empty']);
  });

  it('completes values of flags', async () => {
    expect(await completed(['table', '--format', 'c'])).toEqual(['csv']);
    expect(await completed(['table', '--format=t'])).toEqual(['--format=table', '--format=tsv']);
    expect(await completed(['--log-level', ''])).toEqual(['error', 'warn', 'info', 'debug']);
    expect(await completed(['completion', ''])).toEqual(['bash', 'zsh', 'fish', 'powershell']);
    expect(await completed(['ingest', 'run', '--adapter', 'l'])).toEqual(['live-database', 'looker']);
  });

  it('completes connections', async () => {
    expect(await lines(['scan', 'sh'])).toEqual(['shop\tsqlite']);
    expect(await completed(['sl', 'list', '--connection-id', ''])).toEqual(['shop', '$(rm)']);
  });

  it('completes drivers and environments', async () => {
    expect(await completed(['connection', 'add', 'w', '--driver', 'm'])).toEqual(['mysql', 'mariadb']);
    expect(await completed(['setup', '--driver', 'm'], tmpdir())).toEqual(['mysql', 'mariadb']);
    expect(await completed(['scan', '--env', ''])).toEqual(['prod']);
  });

  it('completes sources and their fields', async () => {
    expect(await lines(['sl', 'read', 'o'])).toEqual(['orders\tone row per order']);
    expect(await completed(['sl', 'validate', 'orders', 'o'])).toEqual(['orders']);
    expect(await completed(['sl', 'query', '--measure', 'ord'])).toEqual(['orders.count']);
    expect(await completed(['sl', 'query', '--segment', ''])).toEqual(['orders.paid']);
    expect(await completed(['sl', 'query', '--dimension', 'orders.'])).toEqual(['orders.id', 'orders.ordered_at']);
    expect(await completed(['sl', 'query', '--dimension', 'orders.ordered_at:m'])).toEqual([
      'orders.ordered_at:minute',
      'orders.ordered_at:month',
      'orders.ordered_at:month_of_year',
    ]);
    const selected = ['sl', 'query', '--measure', 'orders.count', '--dimension', 'orders.ordered_at:month'];
    expect(await completed([...selected, '--order-by', ''])).toEqual(['orders.count', 'orders.ordered_at']);
    expect(await completed([...selected, '--order-by', 'orders.count:'])).toEqual([
      'orders.count:asc',
      'orders.count:desc',
    ]);
    expect(await completed(['sl', 'query', '--connection-id', '$(rm)', '--measure', ''])).toEqual([]);
  });

  it('takes the project from --project-dir and KTX_PROJECT_DIR', async () => {
    const { io, stdout } = makeIo({ cwd: tmpdir(), env: { KTX_PROJECT_DIR: dir } });
    await runKtxCli(['complete', '--', 'scan', 'sh'], io);
    expect(stdout()).toBe('shop\tsqlite\n');
    expect(await completed(['scan', '--project-dir', dir, 's'], tmpdir())).toEqual(['status', 'shop']);
  });

  it('has no names outside of a project and in an invalid one', async () => {
    expect(await completed(['scan', 'sh'], tmpdir())).toEqual([]);
    expect(await completed(['sl', 'query', '--connection-id', 'nowhere', '--measure', ''])).toEqual([]);
    expect(await completed(['scan', 'report', ''])).toEqual([]);
    expect(await completed(['table', ''])).toEqual([]);
  });

  it('leaves out names with control characters', async () => {
    expect((await lines(['sl', 'read', ''])).filter((line) => line.startsWith('a'))).toEqual([]);
  });

  it('completes the tables of the selected environment', async () => {
    const staged = join(dir, 'staged');
    await mkdir(join(staged, 'tables'), { recursive: true });
    const table = { catalog: null, db: 'main', name: 'paid', kind: 'table', comment: null, estimated_rows: null };
    await writeFile(join(staged, 'tables', 'paid.json'), JSON.stringify({ ...table, columns: [], foreign_keys: [] }));
    const run = { connectionId: 'shop', adapter: 'live-database', sourceDir: staged, environment: 'prod' };
    await runLocalIngest({ project: { projectDir: dir }, ...run });
    expect(await completed(['table', '--connection-id', 'shop', '--env', 'prod', ''])).toEqual(['main.paid']);
    expect(await completed(['table', '--connection-id', 'shop', ''])).toEqual([]);
  });
});
