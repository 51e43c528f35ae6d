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
  `CREATE TABLE system.query_log (type Enum8('QueryFinish' = 2), event_time DateTime DEFAULT now(),
    event_date Date DEFAULT toDate(event_time), query_duration_ms UInt64 DEFAULT 7, read_bytes UInt64 DEFAULT 1, result_rows UInt64
    DEFAULT 1, query String, normalized_query_hash UInt64 DEFAULT normalizedQueryHash(query), query_kind String DEFAULT
    'Select', user String DEFAULT 'ada', is_initial_query UInt8 DEFAULT 1, http_user_agent String, client_name String) ENGINE = Memory`,
  "INSERT INTO system.query_log (type, query) VALUES ('QueryFinish', 'SELECT id FROM shop.orders WHERE id = 1')",
  `INSERT INTO system.query_log (type, query, event_time)
    VALUES ('QueryFinish', 'SELECT id FROM shop.orders WHERE id = 22', now() - INTERVAL 10 DAY)`,
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
  const template = await onlyTemplate(cwd);
  expect(template).toMatchObject({
    dialect: 'clickhouse',
    calls: 2,
    total_ms: 14,
    bytes: 2,
    errors: 0,
    literal_slots: [],
  });
  expect(template.users).toHaveLength(1);
  // The next run reads only the last days: the call of ten days ago still counts, those of today are replaced.
  const again = "('QueryFinish', 'SELECT id FROM shop.orders WHERE id = 3')";
  const insert = `INSERT INTO system.query_log (type, query) VALUES ${again}, ${again}, ${again}`;
  await server.run('TRUNCATE TABLE system.query_log', insert);
  const ingested = await run('ingest', 'run', '--adapter', 'historic-sql', '--json');
  expect(JSON.parse(ingested).report.diffSummary).toMatchObject({ added: 0, deleted: 0, unchanged: 1 });
  expect(await onlyTemplate(cwd)).toMatchObject({ calls: 4, total_ms: 28, statements: 1 });
});

/** The only template of the newest sync of the query history. */
async function onlyTemplate(cwd: string) {
  const staged = join(cwd, 'raw-sources', 'events', 'historic-sql');
  const newest = (await readdir(staged)).sort().at(-1) ?? '';
  const [file, ...others] = await readdir(join(staged, newest, 'templates'));
  expect(others).toEqual([]);
  return JSON.parse(await readFile(join(staged, newest, 'templates', file ?? ''), 'utf8'));
}
