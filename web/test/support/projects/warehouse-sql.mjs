// SQL that creates the generated warehouse in PostgreSQL, and changes it between two scans.
import { CYCLES, warehouseTables } from './warehouse-schema.mjs';

/** Rows of a table. */
const ROWS = 60;

const STATUSES = "(ARRAY['new', 'open', 'open', 'paid', 'paid', 'paid', 'cancelled'])[1 + g % 7]";

/** Columns of every table: name, type, and the value of row `g`. */
const COLUMNS = [
  ['code', 'varchar(20) NOT NULL', "'C-' || lpad((g * 37 % 9973)::text, 5, '0')"],
  ['status', 'text NOT NULL', STATUSES],
  ['amount', 'numeric(12, 2)', 'CASE WHEN g % 9 > 0 THEN round((g * 7919 % 50000) / 100.0, 2) END'],
  ['created_at', 'timestamp NOT NULL', "timestamp '2025-01-01' + g * interval '19 hours'"],
  ['comment_text', 'text', "CASE WHEN g % 3 = 0 THEN 'checked' END"],
];

/** Statements that create the schemas, tables, data, views and comments. */
export function createWarehouse() {
  const tables = warehouseTables();
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const stored = tables.filter(({ kind }) => kind !== 'overview');
  const statements = [
    ...schemas.map((schema) => `CREATE SCHEMA ${schema}`),
    ...stored.map(createTable),
    ...stored.map(insertRows),
    ...CYCLES.map(addCycle),
    ...tables.filter(({ kind }) => kind === 'overview').map(createView),
    ...stored.filter((_, index) => index % 2 === 0).map(comment),
    'ANALYZE',
  ];
  return [statements.join(';\n')];
}

/** Statements of changes: an added and a removed table, and changed columns. */
export const CHANGE_WAREHOUSE = [
  'ALTER TABLE sales.orders ADD COLUMN loyalty_points integer',
  'ALTER TABLE sales.quotes ALTER COLUMN code TYPE varchar(40)',
  'ALTER TABLE finance.payments DROP COLUMN comment_text',
  'ALTER TABLE support.tickets RENAME COLUMN comment_text TO remark',
  'CREATE TABLE logistics.customs (id integer PRIMARY KEY, parcel_id integer REFERENCES logistics.parcels, cleared date)',
  'DROP TABLE web.cart_history',
];

/** Starts the query history, without the statements above. */
export const START_HISTORY = ['CREATE EXTENSION IF NOT EXISTS pg_stat_statements', 'SELECT pg_stat_statements_reset()'];

/** Queries of users, for the query history. */
export const WAREHOUSE_QUERIES = [
  'SELECT status, count(*) FROM sales.orders GROUP BY status',
  'SELECT c.code, sum(o.amount) FROM sales.orders o JOIN core.customers c ON c.id = o.customer_id GROUP BY c.code',
  "SELECT * FROM finance.invoices WHERE created_at > '2025-01-02' ORDER BY amount DESC LIMIT 10",
  'SELECT t.status, avg(t.amount) FROM support.tickets t GROUP BY t.status HAVING count(*) > 2',
  'SELECT h.id FROM core.customer_history h JOIN core.customers c ON c.id = h.customer_id',
];

function createTable({ name, references }) {
  const keys = references.map(({ column, target, declared }) =>
    declared ? `${column} integer REFERENCES ${target.name}` : `${column} integer`,
  );
  const columns = COLUMNS.map(([column, type]) => `${column} ${type}`);
  return `CREATE TABLE ${name} (${['id integer PRIMARY KEY', ...keys, ...columns].join(', ')})`;
}

function insertRows({ name, references }, index) {
  const keys = references.map((_, position) => `1 + (g * ${position + 3 + (index % 5)}) % ${ROWS}`);
  const values = COLUMNS.map(([, , value]) => value);
  const selected = ['g', ...keys, ...values].join(', ');
  return `INSERT INTO ${name} SELECT ${selected} FROM generate_series(1, ${ROWS}) AS g`;
}

function addCycle([table, column, target]) {
  return `ALTER TABLE ${table} ADD COLUMN ${column} integer REFERENCES ${target}`;
}

function createView({ schema, noun, name }) {
  return `CREATE VIEW ${name} AS SELECT status, count(*) AS number, sum(amount) AS total
    FROM ${schema}.${noun}_lines WHERE status <> 'cancelled' GROUP BY status`;
}

function comment({ name, noun, kind }) {
  const text = kind === 'master' ? `One row for each ${noun.replace('_', ' ')}` : `The ${kind} of each ${noun}`;
  return `COMMENT ON TABLE ${name} IS '${text}'; COMMENT ON COLUMN ${name}.amount IS 'Without tax, in EUR'`;
}
