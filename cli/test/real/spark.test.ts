import { beforeAll, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { startPythonServer } from '../support/python-server.js';
import { writeProject } from '../support/shop.js';

const TABLES = [
  'CREATE DATABASE shop',
  "CREATE TABLE shop.orders (id INT COMMENT 'the key', day DATE, item STRUCT<sku: STRING, price: DECIMAL(10, 2)>) USING parquet",
  `INSERT INTO shop.orders VALUES (1, DATE '2026-01-02', named_struct('sku', 'a', 'price', CAST(12.5 AS DECIMAL(10, 2)))),
    (2, DATE '2026-02-02', named_struct('sku', 'b', 'price', CAST(0.25 AS DECIMAL(10, 2))))`,
];

beforeAll(async () => {
  const { code, stderr } = await ktx(['runtime', 'install', '--feature', 'spark-connect', '--yes']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

// On Sail, an engine that speaks Spark Connect.
it.skipIf(process.platform !== 'linux')('Spark is tested, scanned and queried', async () => {
  const url = await startPythonServer('tests.spark', 'shop', ...TABLES);
  const cwd = await temporaryDir();
  await writeProject(cwd, `  lake: { driver: spark, url: '${url}', readonly: true }\n`);
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await ktx(args, { cwd });
    expect(code, stderr).toBe(0);
    return stdout;
  };
  expect(await run('connection', 'test')).toMatch(/^Connected to lake \(spark\): 1 table\n {2}Spark has no/);
  await run('scan', 'lake');
  const table = await run('table', 'orders');
  expect(table).toMatch(/id +int +null +the key/i);
  expect(table).toMatch(/item\.price +decimal\(10,2\)/i);
  await run('sl', 'generate');
  const query = ['sl', 'query', '--measure', 'orders.count', '--dimension', 'orders.day', '--execute', '--json'];
  expect(JSON.parse(await run(...query)).result.rows).toEqual([
    ['2026-01-02', 1],
    ['2026-02-02', 1],
  ]);
  const { code, stderr } = await ktx(['sql', 'INSERT INTO shop.orders VALUES (3, NULL, NULL)'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain('Only queries are allowed, not INSERT');
});
