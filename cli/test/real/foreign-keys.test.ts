import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseFixture, type DatabaseFixture, DRIVERS } from '../support/databases.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { writeProject } from '../support/shop.js';

/** SQL of routes with a primary key and two unique keys, and of shipments that refer to each, twice to the first. */
function createTables({ schemas }: DatabaseFixture, indexOrder: boolean): string[] {
  const [first, second = first] = schemas;
  const routes = `${first}.routes`;
  // InnoDB and DuckDB require the columns in the order of the index.
  const pair = (left: string, right: string) => (indexOrder ? `${right}, ${left}` : `${left}, ${right}`);
  return [
    `CREATE TABLE ${routes} (origin INTEGER, target INTEGER, code INTEGER NOT NULL, region INTEGER NOT NULL,
      num INTEGER NOT NULL, label VARCHAR(20), PRIMARY KEY (origin, target), UNIQUE (code), UNIQUE (region, num))`,
    `CREATE TABLE ${second}.shipments (id INTEGER PRIMARY KEY, out_origin INTEGER, out_target INTEGER,
      back_origin INTEGER, back_target INTEGER, route_code INTEGER, area INTEGER, area_num INTEGER, weight INTEGER,
      ${foreignKey('outward', 'out_origin, out_target', routes, 'origin, target', schemas)},
      ${foreignKey('backward', pair('back_target', 'back_origin'), routes, pair('target', 'origin'), schemas)},
      ${foreignKey('by_code', 'route_code', routes, 'code', schemas)},
      ${foreignKey('by_zone', pair('area_num', 'area'), routes, pair('num', 'region'), schemas)})`,
    `CREATE TABLE ${second}.nodes (tenant INTEGER, id INTEGER, parent INTEGER, PRIMARY KEY (tenant, id),
      ${foreignKey('parent', 'tenant, parent', `${second}.nodes`, 'tenant, id', schemas)})`,
    `INSERT INTO ${routes} VALUES (1, 2, 12, 7, 1, 'there'), (2, 1, 21, 7, 2, 'back'), (1, 3, 13, 8, 1, 'far')`,
    `INSERT INTO ${second}.shipments VALUES (1, 1, 2, 2, 1, 13, 7, 2, 10), (2, 1, 3, 2, 1, 12, 8, 1, 5)`,
  ];
}

/** A foreign key; SQLite does not allow a schema in a reference. */
function foreignKey(name: string, from: string, table: string, to: string, schemas: string[]): string {
  const target = schemas.length === 1 ? table.slice(`${schemas[0]}.`.length) : table;
  return `CONSTRAINT ${name} FOREIGN KEY (${from}) REFERENCES ${target} (${to})`;
}

/** Reads the joins of a generated source: pairs of columns, by the alias. */
async function joins(cwd: string, source: string): Promise<Record<string, string[]>> {
  const text = await readFile(join(cwd, 'semantic-layer', 'local', `${source}.yaml`), 'utf8');
  const entries = text.matchAll(/- to: (.+)\n +on: (.+)\n +relationship: (.+)(?:\n +alias: (.+))?/g);
  return Object.fromEntries([...entries].map(([, to, on, , alias]) => [alias ?? to, on?.split(' AND ') ?? []]));
}

const sorted = (joins: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(joins).map(([alias, pairs]) => [alias, [...pairs].sort()]));

beforeAll(async () => {
  const { code, stderr } = await ktx(['runtime', 'install', '--feature', 'duckdb', '--yes']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

describe.each(DRIVERS)('foreign keys of %s', (driver) => {
  it('become one join each, from the scan to the query', async () => {
    const indexOrder = driver === 'mysql' || driver === 'duckdb';
    const cwd = await temporaryDir();
    const fixture = await createDatabaseFixture(driver, cwd);
    await fixture.execute(...createTables(fixture, indexOrder));
    await writeProject(cwd, `  local: ${fixture.connection}\n`);
    const json = async (...args: string[]) => {
      const { code, stdout, stderr } = await ktx([...args, '--json'], { cwd });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    await json('scan', 'local');
    expect((await json('sl', 'generate')).warnings).toEqual([]);
    const back = indexOrder ? 'back_origin' : 'back_target';
    const area = indexOrder ? 'area' : 'area_num';
    expect(sorted(await joins(cwd, 'shipments'))).toEqual(
      sorted({
        out_origin: ['out_origin = out_origin.origin', 'out_target = out_origin.target'],
        [back]: [`back_target = ${back}.target`, `back_origin = ${back}.origin`],
        route: ['route_code = route.code'],
        [area]: [`area_num = ${area}.num`, `area = ${area}.region`],
      }),
    );
    expect(await joins(cwd, 'nodes')).toEqual({ parent: ['tenant = parent.tenant', 'parent = parent.id'] });
    expect(await json('sl', 'validate')).toMatchObject({ valid: true, errors: [] });
    const weights = async (role: string) => {
      const query = ['--measure', 'shipments.total_weight', '--dimension', `${role}.label`, '--execute'];
      const { result } = await json('sl', 'query', ...query);
      return Object.fromEntries(result.rows.map(([label, weight]: [string, unknown]) => [label, Number(weight)]));
    };
    expect(await weights('out_origin')).toEqual({ there: 10, far: 5 });
    expect(await weights(back)).toEqual({ back: 15 });
    expect(await weights('route')).toEqual({ far: 10, there: 5 });
    expect(await weights(area)).toEqual({ back: 10, far: 5 });
  });
});
