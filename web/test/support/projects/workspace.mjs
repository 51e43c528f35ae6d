// What creates projects: databases, SQL on them, and the commands that a user would run.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Folder of the package. */
export const PACKAGE_DIR = path.resolve(import.meta.dirname, '..', '..', '..', '..');

const KTX = path.join(PACKAGE_DIR, 'cli', 'dist', 'ktx.js');

/** Output of a command with many tables, in bytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

// The Python runtime has the drivers; the package has none. Statements come from standard input, as they are long.
const RUN_SQL = `
import json, sqlite3, sys
from urllib.parse import unquote, urlsplit
target, statements = json.load(sys.stdin)
if target.startswith("postgresql:"):
    import pg8000.dbapi
    url = urlsplit(target)
    server = {"host": url.hostname, "port": url.port, "user": unquote(url.username), "password": unquote(url.password)}
    connection = pg8000.dbapi.connect(database=url.path[1:], **server)
    connection.autocommit = True
else:
    connection = sqlite3.connect(target, isolation_level=None)
cursor = connection.cursor()
for statement in statements:
    cursor.execute(statement)
connection.close()
`;

/** Runs `ktx` on a project; rejects with its output if it fails. Returns the output. */
export async function ktx(projectDir, ...args) {
  try {
    const { stdout } = await run(process.execPath, [KTX, ...args, '--project-dir', projectDir], {
      maxBuffer: MAX_OUTPUT,
      // The projects refer to nothing outside of them but the server of the tests.
      env: { ...process.env, KTX_TRUST: '1' },
    });
    return stdout;
  } catch (error) {
    throw new Error(`ktx ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** Runs statements on a PostgreSQL database by its URL, or on a SQLite file. */
export async function runSql(target, statements) {
  const { manifest } = JSON.parse((await run(process.execPath, [KTX, 'runtime', 'status', '--json'])).stdout);
  const started = run(manifest.python.executable, ['-c', RUN_SQL], { maxBuffer: MAX_OUTPUT });
  started.child.stdin?.end(JSON.stringify([target, statements]));
  await started;
}

/** Creates an empty database on the server of the tests; it is removed with the server. Returns its URL. */
export async function createPostgres(name) {
  const server = process.env.KTX_TEST_POSTGRES_URL;
  if (!server) throw new Error('KTX_TEST_POSTGRES_URL is not set: run this through scripts/with-databases.mjs');
  const url = new URL(server);
  // Screenshots show the name; a server that is used for longer has it already.
  const names = [name, `${name}_${randomBytes(4).toString('hex')}`];
  for (const database of names) {
    url.pathname = `/${database}`;
    try {
      await runSql(server, [`CREATE DATABASE ${database}`]);
      return url.href;
    } catch (error) {
      if (database === names[1]) throw error;
    }
  }
}

/** Writes files below a folder, given by their paths. */
export async function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, ...name.split('/'));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** A `ktx.yaml`; YAML includes JSON, which needs no rules for quotes. */
export function projectFile(project, connections) {
  return `${JSON.stringify({ project, connections, ingest: { adapters: ['live-database', 'historic-sql'] } }, null, 2)}\n`;
}
