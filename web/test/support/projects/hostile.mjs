// A project whose names, comments and values contain markup, directions of writing, paths and names of programs.
import path from 'node:path';
import { HOSTILE_NAMES, HOSTILE_NOTE, HOSTILE_TEXTS, POSTGRES_NAMES } from './hostile-names.mjs';
import { createPostgres, ktx, projectFile, runSql, writeFiles } from './workspace.mjs';

export { HOSTILE_NAMES, HOSTILE_TEXTS, POSTGRES_NAMES, PWNED } from './hostile-names.mjs';

/** Name of the project. */
export const HOSTILE_PROJECT = '<b onclick="x">"hostile" \u202Egnp';

/** Creates the project in an empty folder: a SQLite file with names of any length, and a PostgreSQL database. */
export async function createHostileProject(folder) {
  const url = await createPostgres('hostile');
  await runSql(path.join(folder, 'names.sqlite'), createSqlite());
  await runSql(url, createDatabase());
  const connections = {
    names: { driver: 'sqlite', path: './names.sqlite', readonly: true },
    postgres: { driver: 'postgres', url, readonly: true, schemas: ['public', POSTGRES_NAMES[4]] },
  };
  await writeFiles(folder, { 'ktx.yaml': projectFile(HOSTILE_PROJECT, connections), ...NOTES });
  for (const connection of ['names', 'postgres']) {
    await ktx(folder, 'scan', connection, '--relationships', '--no-input');
    await ktx(folder, 'sl', 'generate', '--connection-id', connection, '--no-input');
  }
  await runSql(path.join(folder, 'names.sqlite'), CHANGE_SQLITE);
  await ktx(folder, 'scan', 'names', '--no-input');
  await writeFiles(folder, SOURCES);
}

/** Each table has the next names as columns, a reference to the table before, and the texts as values. */
function createSqlite() {
  return HOSTILE_NAMES.flatMap((name, index) => {
    const table = quoted(name);
    const before = HOSTILE_NAMES[index - 1];
    const columns = [1, 2, 3].map((step) => HOSTILE_NAMES[(index + step) % HOSTILE_NAMES.length]);
    const typed = columns.map((column) => `${quoted(column)} TEXT DEFAULT ${literal(textAt(index))}`);
    const key = before === undefined ? [] : [`before INTEGER REFERENCES ${quoted(before)} (id)`];
    const values = Array.from({ length: 12 }, (_, row) => [
      ...[row + 1, ...(before === undefined ? [] : [1 + (row % 7)])],
      ...columns.map((_, position) => literal(textAt(position === 0 ? row % 3 : row + position))),
    ]);
    return [
      `CREATE TABLE ${table} (${['id INTEGER PRIMARY KEY', ...key, ...typed].join(', ')})`,
      `INSERT INTO ${table} VALUES ${values.map((row) => `(${row.join(', ')})`).join(', ')}`,
    ];
  });
}

const CHANGE_SQLITE = [
  `ALTER TABLE ${quoted(HOSTILE_NAMES[0])} ADD COLUMN ${quoted(HOSTILE_NAMES[8])} TEXT`,
  `CREATE TABLE ${quoted(`${HOSTILE_NAMES[2]} added`)} (${quoted(HOSTILE_NAMES[1])} TEXT)`,
];

/** Tables in two schemas, one of them with a name of markup; comments, labels, checks and a view with texts. */
function createDatabase() {
  const schema = quoted(POSTGRES_NAMES[4]);
  const labels = HOSTILE_TEXTS.filter((text) => Buffer.byteLength(text) < 63);
  const tables = POSTGRES_NAMES.map((name, index) => [name, `${index % 2 === 0 ? 'public' : schema}.${quoted(name)}`]);
  return [
    `CREATE SCHEMA ${schema}`,
    `CREATE TYPE label AS ENUM (${labels.map(literal).join(', ')})`,
    ...tables.flatMap(([name, table], index) => createTable(name, table, index, tables)),
    `CREATE VIEW "<view>" AS SELECT * FROM public."Orders" WHERE "Orders" <> ${literal(HOSTILE_TEXTS[0])}`,
  ];
}

function createTable(name, table, index, tables) {
  const text = textAt(index);
  const before = index === 0 ? '' : `, before integer REFERENCES ${tables[index - 1][1]}`;
  const check = `CONSTRAINT ${quoted(name)} CHECK (${quoted(name)} <> ${literal(text)})`;
  return [
    `CREATE TABLE ${table} (id integer PRIMARY KEY${before}, ${quoted(name)} text DEFAULT ${literal(text)}, label label, ${check})`,
    `INSERT INTO ${table} (id, ${quoted(name)}, label) SELECT g, 'x', ${literal(HOSTILE_TEXTS[0])} FROM generate_series(1, 9) AS g`,
    `COMMENT ON TABLE ${table} IS ${literal(text)}`,
    `COMMENT ON COLUMN ${table}.${quoted(name)} IS ${literal(textAt(index + 1))}`,
  ];
}

function textAt(index) {
  return HOSTILE_TEXTS[index % HOSTILE_TEXTS.length];
}

function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Windows has no files of these names. */
const NOTES =
  process.platform === 'win32'
    ? { 'notes/plain.md': HOSTILE_NOTE }
    : {
        'notes/"><img src=x onerror="window.__pwned=1">.md': HOSTILE_NOTE,
        'notes/\u202Egnp/CON.md': `${HOSTILE_NOTE}\n${'word '.repeat(2000)}`,
        "notes/it's 👩‍👩‍👧‍👦.md": '# \u202Egnp\n\nText\n',
      };

const SOURCES = {
  'semantic-layer/names/hostile.yaml': `${JSON.stringify({
    ...{ name: 'hostile', table: 'main.root', grain: ['id'], description: HOSTILE_TEXTS[2] },
    columns: [{ name: 'id', type: 'number', description: HOSTILE_TEXTS[0] }],
    measures: [
      { name: 'hostile_count', expr: "count(*) filter (where 'x' <> '<script>')", description: HOSTILE_TEXTS[1] },
    ],
  })}\n`,
  'semantic-layer/names/broken.yaml': `name: [${HOSTILE_TEXTS[0]}`,
  'semantic-layer/metrics.yaml': `${JSON.stringify({
    metrics: [{ name: 'hostile_metric', expr: 'hostile.hostile_count', ...described() }],
  })}\n`,
};

function described() {
  return {
    description: HOSTILE_TEXTS[2],
    owner: HOSTILE_TEXTS[0],
    synonyms: [HOSTILE_TEXTS[8]],
    unit: HOSTILE_TEXTS[1],
  };
}
