/** Loads the published schemas in the YAML language server, as an editor does. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_DIR } from '../support/ktx.js';
import { YamlEditor } from '../support/yaml-editor.js';

const CONFIG = 'ktx.yaml.json';
const SOURCE = 'source.yaml.json';
const METRICS = 'metrics.yaml.json';

let editor: YamlEditor;

beforeAll(async () => {
  editor = await YamlEditor.start();
});
afterAll(() => editor.stop());

/** A project of a released format. */
const FIXTURE = join(PACKAGE_DIR, 'tests', 'formats', '0.1');

const validConfigs: [string, string][] = [
  ['a new project', 'project: deep\nconnections:\ningest:\n  adapters: [live-database]\n'],
  ['an empty file', ''],
  ['a released format', readFileSync(join(FIXTURE, 'ktx.yaml'), 'utf8')],
  [
    'all kinds of connections',
    `project: shop
connections:
  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true, schemas: [public],
               historicSql: { enabled: true, dialect: postgres, minCalls: 5 } }
  parts: { driver: mysql, host: '::1', port: 3307, user: ada, password: env:P, database: shop, sslmode: require }
  local: { driver: sqlite, path: ./shop.db, readonly: true }
  other: { driver: snowflake, url: env:S }
  looker: { driver: looker, base_url: https://looker.example.com, client_id: env:I, client_secret: env:S,
            mappings: { connectionMappings: { looker_connection_name: warehouse } } }
environments:
  prod: { connections: { warehouse: { url: env:PROD_URL }, parts: { host: db.example.com } } }
  dev:
ingest: { adapters: [live-database, looker, historic-sql] }
`,
  ],
];

const invalidConfigs: [string, string, RegExp][] = [
  ['an unknown key', 'projct: a\n', /projct is not allowed/],
  ['a connection without a driver', 'connections:\n  w: { url: env:W }\n', /Missing property "driver"/],
  ['a wrong type', 'connections:\n  w: { driver: postgres, readonly: 5 }\n', /Incorrect type/],
  ['a url and parts', 'connections:\n  w: { driver: postgres, url: env:W, host: h }\n', /host is not allowed/],
  ['a part of another driver', 'connections:\n  w: { driver: sqlite, host: h }\n', /host is not allowed/],
  ['an impossible port', 'connections:\n  w: { driver: mysql, host: h, port: 70000 }\n', /65535/],
  ['an unknown mode', 'connections:\n  w: { driver: mysql, host: h, sslmode: on }\n', /not accepted/],
  ['an unknown adapter', 'ingest: { adapters: [dbt] }\n', /not accepted/],
  ['a wrong override', 'environments: { dev: { connections: { w: { schemas: a } } } }\n', /Incorrect type/],
];

describe('the schema of ktx.yaml', () => {
  it.each(validConfigs)('accepts %s', async (_, text) => {
    expect(await editor.messages(CONFIG, text)).toEqual([]);
  });

  it.each(invalidConfigs)('rejects %s', async (_, text, message) => {
    expect((await editor.messages(CONFIG, text)).join('\n')).toMatch(message);
  });

  it('completes keys and drivers', async () => {
    expect(await editor.completions(CONFIG, 'connections:\n  w:\n    ')).toEqual(
      expect.arrayContaining(['driver', 'host', 'password', 'readonly']),
    );
    expect(await editor.completions(CONFIG, 'connections:\n  w:\n    driver: ')).toEqual(
      expect.arrayContaining(['postgres', 'mysql', 'sqlite', 'duckdb', 'clickhouse', 'looker']),
    );
  });
});

const sources = join(FIXTURE, 'semantic-layer', 'local');

const invalidSources: [string, string, RegExp][] = [
  ['a source without a name', 'table: x\n', /Missing property "name"/],
  ['a table and a query', 'name: a\ntable: x\nsql: select 1\n', /Matches multiple schemas|one must validate/],
  ['an unknown type', 'name: a\ntable: x\ncolumns:\n  - { name: c, type: text }\n', /not accepted/],
  ['a list that is none', 'name: a\ntable: x\ngrain: id\n', /Incorrect type/],
  ['an unknown key', 'name: a\ntable: x\nmesures: []\n', /mesures is not allowed/],
];

describe('the schema of semantic sources', () => {
  it.each(readdirSync(sources))('accepts %s', async (name) => {
    expect(await editor.messages(SOURCE, readFileSync(join(sources, name), 'utf8'))).toEqual([]);
  });

  it.each(invalidSources)('rejects %s', async (_, text, message) => {
    expect((await editor.messages(SOURCE, text)).join('\n')).toMatch(message);
  });

  it('completes keys and values', async () => {
    expect(await editor.completions(SOURCE, 'name: a\ntable: t\n')).toEqual(
      expect.arrayContaining(['columns', 'joins', 'measures', 'segments']),
    );
    expect(await editor.completions(SOURCE, 'name: a\ntable: t\ncolumns:\n  - name: c\n    type: ')).toEqual(
      expect.arrayContaining(['string', 'number', 'time', 'boolean']),
    );
  });
});

describe('the schema of metrics', () => {
  it('accepts metrics and a calendar, and completes keys', async () => {
    const text = 'metrics:\n  - { name: a, expr: b.c / d.e, unit: EUR }\ncalendar: { week_start: sunday }\n';
    expect(await editor.messages(METRICS, text)).toEqual([]);
    expect(await editor.messages(METRICS, '')).toEqual([]);
    expect(await editor.completions(METRICS, 'calendar:\n  ')).toEqual(
      expect.arrayContaining(['week_start', 'fiscal_year_start', 'retail', 'table']),
    );
  });

  it.each([
    ['a metric without an expression', 'metrics:\n  - name: a\n', /Missing property "expr"/],
    ['an unknown day', 'calendar: { week_start: someday }\n', /not accepted/],
    ['an impossible month', 'calendar: { fiscal_year_start: 13 }\n', /12/],
  ])('rejects %s', async (_, text, message) => {
    expect((await editor.messages(METRICS, text)).join('\n')).toMatch(message);
  });
});
