// Generates a raw query log, like that of warehouses without normalised statements, with literals and comments of clients.
// Deterministic: order, literals and repetitions depend only on the seed.

const DIALECTS = ['postgres', 'snowflake', 'bigquery', 'mysql'];
const TABLES = ['orders', 'customers', 'products', 'line_items', 'payments', 'shipments', 'stores', 'refunds'];
const COLUMNS = ['id', 'name', 'status', 'amount', 'created_at', 'region', 'segment', 'quantity', 'price', 'channel'];
const WORDS = ['paid', 'open', 'north east', 'returned', 'a.b@example.com', 'Zürich', 'web', 'EMEA'];

/** Kinds of statements with their share in percent; `render(shape, random)` inlines the literals of one execution. */
const KINDS = [
  // Lookups of an application: mostly a different id.
  [30, (s, r) => `SELECT ${s.x}, ${s.y}, c${s.id} FROM ${s.a} WHERE id = ${r.int(1_000_000)} LIMIT ${s.limit}`],
  // A dashboard: the day varies, a comment has the user.
  [
    25,
    (s, r) =>
      `/* Metabase:: userID: ${r.int(40)} queryType: MBQL queryHash: ${s.id} */ SELECT t.${s.x}, count(*) AS n, sum(u.${s.y}) AS total_${s.id} FROM ${s.a} AS t JOIN ${s.b} AS u ON t.id = u.${s.a}_id WHERE t.created_at >= '${r.day()}' AND t.status = '${r.word()}' GROUP BY t.${s.x} ORDER BY total_${s.id} DESC LIMIT ${s.limit}`,
  ],
  // A filter of a BI tool: lists of different lengths; its comment is JSON.
  [
    15,
    (s, r) =>
      `-- Looker Query Context '{"user_id":${r.int(40)},"history_slug":"${s.id}"}'\nSELECT ${s.x}, avg(${s.y}) AS mean_${s.id} FROM ${s.a} WHERE ${s.x} IN (${r.words(6)}) AND created_at BETWEEN '${r.day()}' AND '${r.day()}' GROUP BY ${s.x}`,
  ],
  // A transformation: long, with constant literals.
  [
    10,
    (s) =>
      `WITH recent AS (SELECT ${s.x}, ${s.y}, row_number() OVER (PARTITION BY ${s.x} ORDER BY created_at DESC) AS rn FROM ${s.a}), big AS (SELECT id FROM ${s.b} WHERE c${s.id} > 100) SELECT r.${s.x}, coalesce(r.${s.y}, 0) AS y, CASE WHEN b.id = 1 THEN 'yes' ELSE 'no' END AS label FROM recent AS r JOIN big AS b ON b.id = r.${s.x} WHERE r.rn = 1`,
  ],
  // Writes: one to five rows.
  [
    12,
    (s, r) =>
      `INSERT INTO ${s.a} (${s.x}, ${s.y}, c${s.id}) VALUES ${r.list(5, () => `(${r.int(1_000_000)}, '${r.word()}', ${r.int(100)})`)}`,
  ],
  [
    8,
    (s, r) => `UPDATE ${s.a} SET ${s.x} = '${r.word()}', ${s.y} = ${r.int(1000)} WHERE c${s.id} = ${r.int(1_000_000)}`,
  ],
];

const WEIGHTED = KINDS.flatMap(([percent, render]) => Array(percent).fill(render));

/** `count` executions of `kinds` kinds: `[{ dialect, sql }]`. A few kinds are most of the log (Zipf). */
export function queryLog(count, kinds, seed) {
  const random = new Random(seed);
  const shapes = Array.from({ length: kinds }, (_, kind) => shape(kind, random));
  return Array.from({ length: count }, () => {
    const kind = Math.floor(kinds ** random.unit()) - 1;
    const { dialect, render } = shapes[kind];
    return { dialect, sql: render(shapes[kind], random) };
  });
}

function shape(kind, random) {
  const render = random.pick(WEIGHTED);
  const [a, b, x, y] = [TABLES, TABLES, COLUMNS, COLUMNS].map((list) => random.pick(list));
  return { a, b, x, y, id: kind, limit: 10 ** (1 + random.int(3)), dialect: DIALECTS[kind % DIALECTS.length], render };
}

/** mulberry32: a seeded generator with the same sequence on every machine. */
class Random {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  unit() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  int(below) {
    return Math.floor(this.unit() * below);
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  word() {
    return this.pick(WORDS);
  }

  /** One of thirty days. */
  day() {
    return `2024-01-${String(1 + this.int(30)).padStart(2, '0')}`;
  }

  words(max) {
    return this.list(max, () => `'${this.word()}'`);
  }

  list(max, create) {
    return Array.from({ length: 1 + this.int(max) }, create).join(', ');
  }
}
