// Generates statements of a warehouse: some kinds, each with different literals.

const TABLES = ['orders', 'customers', 'products', 'line_items', 'payments', 'shipments', 'stores', 'refunds'];
const COLUMNS = ['id', 'name', 'status', 'amount', 'created_at', 'region', 'segment', 'quantity', 'price', 'channel'];
const WORDS = ['paid', 'open', 'north east', '2024-01-31', 'user@example.com'];

/** Templates of the kinds; `%n` is a number literal, `%s` a string literal. */
const KINDS = [
  ({ a, x, y, id }) =>
    `SELECT ${x}, ${y} FROM shop.${a} WHERE ${x} = %n AND ${y} >= %s AND c${id} <> %s ORDER BY ${x} LIMIT %n`,
  ({ a, b, x, y, id }) =>
    `SELECT t1.${x}, count(*) AS n, sum(t2.${y}) AS total_${id} FROM shop.${a} AS t1 JOIN crm.${b} AS t2 ON t1.id = t2.${a}_id WHERE t1.${y} IN (%s, %s, %s) AND t2.created_at BETWEEN %s AND %s GROUP BY t1.${x} HAVING sum(t2.${y}) > %n ORDER BY total_${id} DESC LIMIT %n`,
  ({ a, b, x, y, id }) =>
    `WITH recent AS (SELECT ${x}, ${y}, row_number() OVER (PARTITION BY ${x} ORDER BY created_at DESC) AS rn FROM ${a} WHERE created_at > now() - interval %s), big AS (SELECT id FROM ${b} WHERE c${id} > %n) SELECT r.${x}, coalesce(r.${y}, %n), CASE WHEN b.id = %n THEN %s ELSE %s END AS label FROM recent AS r JOIN big AS b ON b.id = r.${x} WHERE r.rn = 1`,
  ({ a, x, y, id }) => `UPDATE shop.${a} SET ${x} = %n, ${y} = %s, updated_at = now() WHERE id = %n AND c${id} = %s`,
  ({ a, x, y, id }) => `INSERT INTO shop.${a} (${x}, ${y}, c${id}) VALUES (%n, %s, %n)`,
];

/** Generates `count` statements of `kinds` kinds; they depend on `seed`. */
export function statements(count, kinds, seed) {
  const shapes = Array.from({ length: kinds }, (_, kind) => shape(`${seed}_${kind}`, kind));
  return Array.from({ length: count }, (_, index) => fill(shapes[index % kinds], index));
}

/** Generates `count` different references to tables. */
export function identifiers(count, seed) {
  const forms = [
    ['postgres', (name) => `public.${name}`],
    ['snowflake', (name) => `analytics.marts.${name}`],
    ['postgres', (name) => `"Shop"."${name}"`],
    ['bigquery', (name) => `\`a-project.shop.${name}\` AS t`],
  ];
  return Array.from({ length: count }, (_, index) => {
    const [dialect, form] = forms[index % forms.length];
    return { key: `k${index}`, sql_table_name: form(`fact_${seed}_${index}`), dialect };
  });
}

function shape(id, kind) {
  const pick = (list, step) => list[(kind * step + step) % list.length];
  const parts = { a: pick(TABLES, 3), b: pick(TABLES, 5), x: pick(COLUMNS, 7), y: pick(COLUMNS, 3), id };
  return KINDS[kind % KINDS.length](parts);
}

function fill(text, index) {
  let position = 0;
  return text.replace(/%([ns])/g, (_, type) => {
    position += 1;
    return type === 'n' ? String((index * 31 + position) % 100_000) : `'${WORDS[(index + position) % WORDS.length]}'`;
  });
}
