import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startClickHouse } from '../support/clickhouse.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { writeProject } from '../support/shop.js';

const TABLES = [
  'CREATE DATABASE shop',
  `CREATE TABLE shop.orders (id UInt64, day Date, item Tuple(sku String, price Decimal(10, 2)))
    ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (day, id) COMMENT 'What was bought'`,
  `INSERT INTO shop.orders VALUES (1, '2026-01-02', ('a', 12.5)), (2, '2026-02-02', ('b', 0.25))`,
];
// chDB has no log of queries, so that its rows are played.
const LOG = [
  `CREATE TABLE system.query_log (type Enum8('QueryFinish' = 2), event_date Date DEFAULT today(),
    event_time DateTime DEFAULT now(), query_duration_ms UInt64 DEFAULT 7, read_bytes UInt64 DEFAULT 1, result_rows UInt64
    DEFAULT 1, query String, normalized_query_hash UInt64 DEFAULT normalizedQueryHash(query), query_kind String DEFAULT
    'Select', user String DEFAULT 'ada', is_initial_query UInt8 DEFAULT 1, http_user_agent String, client_name String) ENGINE = Memory`,
  `INSERT INTO system.query_log (type, query) VALUES ('QueryFinish', 'SELECT id FROM shop.orders WHERE id = 1'),
    ('QueryFinish', 'SELECT id FROM shop.orders WHERE id = 22')`,
];

beforeAll(async () => {
  const { code, stderr } = await ktx(['runtime', 'install', '--feature', 'clickhouse', '--yes']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

// chDB has no wheel for Windows.
it.skipIf(process.platform === 'win32')('is tested, scanned, queried and ingested', async () => {
  const server = await startClickHouse();
  await server.run(...TABLES, ...LOG);
  const cwd = await temporaryDir();
  const keys = `driver: clickhouse, host: 127.0.0.1, port: ${server.port}, user: default, database: shop`;
  const settings = 'credential_command: [echo, secret-of-ada], historicSql: { enabled: true }, readonly: true';
  await writeProject(cwd, `  events: { ${keys}, ${settings} }\n`);
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await ktx(args, { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toContain('secret-of-ada');
    return stdout;
  };
  expect(await run('connection', 'test')).toMatch(
    /^Connected to events \(clickhouse\): 1 table\n {2}ClickHouse has no/,
  );
  await run('scan', 'events');
  const table = await run('table', 'orders');
  expect(table).toMatch(/Comment +What was bought\n/);
  expect(table).toMatch(/Partitioned by +toYYYYMM\(day\)\nSorted by +day, id\nModified +\d{4}-/);
  expect(table).toMatch(/item\.price +Decimal\(10, 2\)/);
  await run('sl', 'generate');
  const query = ['sl', 'query', '--measure', 'orders.count', '--dimension', 'orders.day', '--execute', '--json'];
  expect(JSON.parse(await run(...query)).result.rows).toEqual([
    ['2026-01-02', 1],
    ['2026-02-02', 1],
  ]);
  expect(await run('ingest', 'run', '--adapter', 'historic-sql')).toMatch(/^Ingested events with historic-sql/);
  const staged = join(cwd, 'raw-sources', 'events', 'historic-sql');
  const files = (await readdir(staged, { recursive: true })).filter((file) => /templates\/[^/]+\.json$/.test(file));
  expect(files).toHaveLength(1);
  const template = JSON.parse(await readFile(join(staged, files[0] ?? ''), 'utf8'));
  expect(template).toMatchObject({
    dialect: 'clickhouse',
    calls: 2,
    total_ms: 14,
    bytes: 2,
    errors: 0,
    literal_slots: [],
  });
  expect(template.users).toHaveLength(1);
});
