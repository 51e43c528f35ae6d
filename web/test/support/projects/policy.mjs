// A project with a data policy, whose masked values and denied names must be in no page.
import path from 'node:path';
import { createPostgres, ktx, projectFile, runSql, writeFiles } from './workspace.mjs';

/** The values of the masked columns; each has a place of its own, so that a leak names it. */
const VALUE = 'masked-value-7f3a';

/** What no page may contain, in any letter case. */
export const SECRETS = [VALUE, 'denied_salaries_9c1d', 'denied_column_4e2b', 'denied_view_51aa', 'denied_schema_08fe'];

/** Number of a masked column of numbers, which is in no other column. */
export const MASKED_NUMBER = 771_993_355_117;

const POLICY = {
  deny: {
    tables: ['denied_salaries_9c1d', 'denied_view_51aa', 'denied_schema_08fe.*'],
    columns: ['users.denied_column_4e2b'],
  },
  mask: ['users.grade', 'users.account', '*.nickname', 'users.level'],
};

/**
 * Creates the project in an empty folder. An earlier scan with its semantic sources, and a query history, were made
 * without the policy: pages read them through the policy of today.
 */
export async function createPolicyProject(folder) {
  const url = await createPostgres('policy');
  const file = path.join(folder, 'file.sqlite');
  await runSql(url, createDatabase());
  await runSql(file, createFile());
  await write(folder, url, {});
  for (const connection of ['server', 'file']) {
    await ktx(folder, 'scan', connection, '--relationships', '--no-input');
    await ktx(folder, 'sl', 'generate', '--connection-id', connection, '--no-input');
  }
  await runSql(url, QUERIES);
  await ktx(folder, 'ingest', 'run', '--connection-id', 'server', '--adapter', 'historic-sql', '--no-input');
  await write(folder, url, { policy: POLICY });
  // The second connection keeps its earlier scan.
  await ktx(folder, 'scan', 'server', '--relationships', '--no-input');
  await writeFiles(folder, NOTES);
}

function write(folder, url, policy) {
  const connections = {
    server: {
      ...{ driver: 'postgres', url, readonly: true, schemas: ['public', 'denied_schema_08fe'] },
      ...{ historicSql: { enabled: true, minCalls: 1 }, ...policy },
    },
    file: { driver: 'sqlite', path: './file.sqlite', readonly: true, ...policy },
  };
  return writeFiles(folder, { 'ktx.yaml': projectFile('policy', connections) });
}

function createDatabase() {
  return [
    `CREATE TYPE level AS ENUM ('${VALUE}-label-a', '${VALUE}-label-b')`,
    'CREATE SCHEMA denied_schema_08fe',
    'CREATE TABLE denied_schema_08fe.inner (id integer PRIMARY KEY)',
    'CREATE TABLE teams (id integer PRIMARY KEY, title text NOT NULL)',
    `CREATE TABLE users (id integer PRIMARY KEY, team_id integer REFERENCES teams,
      grade text DEFAULT '${VALUE}-default' CHECK (grade <> '${VALUE}-check'), account bigint, nickname text,
      level level, denied_column_4e2b text UNIQUE)`,
    'CREATE TABLE denied_salaries_9c1d (id integer PRIMARY KEY, user_id integer REFERENCES users, pay integer)',
    'CREATE TABLE bonuses (id integer PRIMARY KEY, salary_id integer REFERENCES denied_salaries_9c1d)',
    `CREATE VIEW good AS SELECT id, team_id FROM users WHERE grade = '${VALUE}-view'`,
    'CREATE VIEW denied_view_51aa AS SELECT id FROM users',
    'CREATE VIEW paid AS SELECT u.id, s.pay FROM users u JOIN denied_salaries_9c1d s ON s.user_id = u.id',
    'CREATE VIEW hidden AS SELECT id, denied_column_4e2b AS shown FROM users',
    `COMMENT ON COLUMN users.grade IS 'The grade is ''${VALUE}-comment'' by default'`,
    ...insertRows(),
    'CREATE EXTENSION pg_stat_statements',
  ];
}

function createFile() {
  return [
    'CREATE TABLE teams (id INTEGER PRIMARY KEY, title TEXT NOT NULL)',
    `CREATE TABLE users (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES teams (id),
      grade TEXT DEFAULT '${VALUE}-default' CHECK (grade <> '${VALUE}-check'), account INTEGER, nickname TEXT,
      level TEXT, denied_column_4e2b TEXT)`,
    'CREATE TABLE denied_salaries_9c1d (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), pay INTEGER)',
    `CREATE VIEW good AS SELECT id, team_id FROM users WHERE grade = '${VALUE}-view'`,
    'CREATE VIEW denied_view_51aa AS SELECT id FROM users',
    'CREATE VIEW paid AS SELECT u.id, s.pay FROM users u JOIN denied_salaries_9c1d s ON s.user_id = u.id',
    ...insertRows(),
  ];
}

/** Few distinct values, which are frequent; the profile would show all of them. */
function insertRows() {
  const users = Array.from({ length: 30 }, (_, index) => {
    const text = `'${VALUE}-${index % 3}'`;
    const label = `'${VALUE}-label-${index % 2 === 0 ? 'a' : 'b'}'`;
    return `(${index + 1}, ${1 + (index % 2)}, ${text}, ${MASKED_NUMBER}, ${text}, ${label}, 'denied ${index}')`;
  });
  return [
    "INSERT INTO teams VALUES (1, 'Red'), (2, 'Blue')",
    `INSERT INTO users VALUES ${users.join(', ')}`,
    'INSERT INTO denied_salaries_9c1d VALUES (1, 1, 100), (2, 2, 200)',
  ];
}

const QUERIES = [
  'SELECT title, count(*) FROM teams JOIN users ON users.team_id = teams.id GROUP BY title',
  `SELECT id FROM users WHERE grade = '${VALUE}-query'`,
  'SELECT sum(pay) FROM denied_salaries_9c1d',
  'SELECT denied_column_4e2b FROM users',
];

const NOTES = {
  'notes/policy.md':
    '# Policy\n\nTeams have users.\n\nPay is in denied_salaries_9c1d, and more in `users.denied_column_4e2b`.\n',
};
