import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KTX, ktx, startKtx, start as startProcess, temporaryDir } from '../support/ktx.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { runSqlite } from '../support/shop.js';
import { Terminal } from '../support/terminal.js';

const TABLES = 68;

/** A database of 68 tables in two schemas: facts that refer to 20 dimensions. */
async function createWarehouse(): Promise<TestDatabase> {
  const database = await createDatabase();
  const dimensions = Array.from({ length: 20 }, (_, n) => `dim_${n}`);
  const facts = Array.from({ length: TABLES - 20 }, (_, n) => ({ name: `fact_${n}`, dimension: `dim_${n % 20}` }));
  await database.execute(
    'CREATE SCHEMA sales',
    'CREATE SCHEMA staging',
    ...dimensions.map((name) => `CREATE TABLE sales.${name} (id int PRIMARY KEY, label text NOT NULL)`),
    ...facts.map(
      ({ name, dimension }, n) =>
        `CREATE TABLE ${n < 40 ? 'sales' : 'staging'}.${name} (id int PRIMARY KEY, dim_id int NOT NULL REFERENCES sales.${dimension},
          status text NOT NULL, amount numeric(10, 2) NOT NULL)`,
    ),
    "INSERT INTO sales.dim_0 VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO sales.fact_0 SELECT n, 1 + n % 2, CASE WHEN n % 4 = 0 THEN 'open' ELSE 'paid' END, n FROM generate_series(1, 100) AS n",
    'ANALYZE',
  );
  return database;
}

const partsOf = (url: string) => {
  const { hostname, port, username, pathname } = new URL(url);
  return { host: hostname, port, user: decodeURIComponent(username), database: pathname.slice(1) };
};

// Terminals need tmux, which Windows does not have.
const itOnUnix = it.skipIf(process.platform === 'win32');

describe('ktx setup', () => {
  itOnUnix('asks its way from nothing to an answer, with a wrong password first', async () => {
    const { url, password } = await createWarehouse();
    const { host, port, user, database } = partsOf(url);
    const cwd = await temporaryDir();
    // Codex is found by its folder; there are no dbt profiles.
    const env = { CODEX_HOME: await temporaryDir(), DBT_PROFILES_DIR: await temporaryDir() };
    const terminal = await Terminal.start([process.execPath, KTX, 'setup'], { cwd, env, columns: 100, rows: 40 });
    const answer = async (question: string | RegExp, text: string) => {
      await terminal.waitFor(question);
      await terminal.press('C-u');
      await terminal.type(text);
      await terminal.press('Enter');
    };
    await terminal.waitFor('Create a project in');
    await terminal.press('Enter');
    await terminal.waitFor('What does the connection lead to?');
    await terminal.press('Enter');
    await answer('Name of the connection', 'warehouse');
    await answer(/PostgreSQL: host/, host);
    await answer(/PostgreSQL: port/, '99999');
    await answer(/A port is a number from 1 to 65535/, port);
    await answer(/PostgreSQL: user/, user);
    await answer(/PostgreSQL: password/, 'not the password');
    await answer(/PostgreSQL: database/, database);
    await terminal.waitFor(/refused the login/);
    await answer(/refused the login[\s\S]*PostgreSQL: user/, user);
    await answer(/refused the login[\s\S]*PostgreSQL: password/, password);
    await terminal.waitFor('Which schemas should be scanned?');
    await terminal.type('sal');
    await terminal.waitFor(/1 match[\s\S]*sales \(60 tables\)/);
    await terminal.press('Tab');
    await terminal.press('Enter');
    await terminal.waitFor(/Scan all 60 tables and views\?/);
    await terminal.press('Enter');
    await terminal.waitFor('What would you like to know first?');
    await terminal.press('Enter');
    await terminal.waitFor(/Which agents should use this project\?[\s\S]*Codex CLI/);
    await terminal.press('Enter');
    await terminal.waitFor('May agents run queries on');
    await terminal.press('Enter');
    expect(await terminal.exitCode()).toBe(0);
    const history = await terminal.history();
    expect(history).toMatch(/paid +75\n/);
    expect(history).not.toContain(password);
    expect(history).not.toMatch(/\(node:\d+\)/);
    expect(history).not.toContain('not the password');

    const config = await readFile(join(cwd, 'ktx.yaml'), 'utf8');
    expect(config).toMatch(/schemas:\s*(- sales|\[sales\])/);
    expect(config).not.toContain(password);
    const { connections } = JSON.parse((await ktx(['connection', 'list', '--json'], { cwd })).stdout);
    expect(connections).toMatchObject([{ id: 'warehouse', driver: 'postgres', readonly: true }]);
    expect(await readFile(join(cwd, '.codex', 'config.toml'), 'utf8')).toContain('--execute-queries');
    expect((await readdir(join(cwd, 'semantic-layer', 'warehouse'))).length).toBeGreaterThanOrEqual(60);
  });

  itOnUnix('is complete and valid after Ctrl-C, and continues', async () => {
    const cwd = await temporaryDir();
    const terminal = await Terminal.start([process.execPath, KTX, 'setup'], { cwd, columns: 60, rows: 24 });
    await terminal.waitFor('Create a project in');
    await terminal.press('Enter');
    await terminal.waitFor('What does the connection lead to?');
    await terminal.press('C-c');
    expect(await terminal.exitCode()).toBe(130);
    expect(await connectionsOf(cwd)).toEqual([]);
    const again = await Terminal.start([process.execPath, KTX, 'setup'], { cwd, columns: 60, rows: 24 });
    await again.waitFor('What does the connection lead to?');
    expect(await again.history()).not.toContain('Create a project');
    await again.press('C-c');
  });

  it('takes its answers from flags, and asks nothing twice', async () => {
    const { url, password } = await createWarehouse();
    const { host, port, user, database } = partsOf(url);
    const cwd = await temporaryDir();
    const flags = ['--driver', 'postgres', '--host', host, '--port', port, '--user', user, '--database', database];
    const tables = ['--schema', 'sales', '--exclude', 'fact_1*', '--agent', 'codex', '--execute-queries'];
    const setup = startKtx(['setup', ...flags, '--password-stdin', ...tables, '--yes', '--json'], { cwd, input: true });
    setup.child.stdin?.end(password);
    const { code, stdout, stderr } = await setup.finished;
    expect(stderr).not.toContain('Error');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      connectionId: 'warehouse',
      selection: { schemas: ['sales'], exclude: ['fact_1*'] },
      // 20 dimensions and 40 facts, without fact_1 and fact_10 to fact_19.
      scan: { diffSummary: { added: 49, modified: 0, deleted: 0, unchanged: 0 } },
    });
    expect(result.first.answer.result.rows).toEqual([
      ['paid', 75],
      ['open', 25],
    ]);
    expect(result.agents.map(({ client }: { client: string }) => client)).toContain('codex');
    const text = `${stdout}${stderr}${await readFile(join(cwd, 'ktx.yaml'), 'utf8')}`;
    expect(text).not.toContain(password);

    const repeated = startKtx(['setup', ...flags, '--password-stdin', ...tables, '--yes', '--json'], {
      ...{ cwd, input: true },
    });
    repeated.child.stdin?.end(password);
    const { stdout: repetition } = await repeated.finished;
    expect(JSON.parse(repetition)).toMatchObject({ scan: { diffSummary: { added: 0, modified: 0, unchanged: 49 } } });

    const again = await ktx(['setup', '--no-agents', '--yes', '--json'], { cwd });
    expect(again.stderr).not.toContain('Error');
    expect(again.stderr.match(/is a superuser/g)).toHaveLength(1);
    expect(JSON.parse(again.stdout)).toMatchObject({
      connectionId: 'warehouse',
      scan: { diffSummary: { added: 0, modified: 0, deleted: 0, unchanged: 49 } },
    });
    expect((await ktx(['status'], { cwd })).stdout).toContain('Everything works');
  });

  itOnUnix('asks again only for what was wrong, accepts a whole URL, and takes all schemas by default', async () => {
    const { url, password } = await createWarehouse();
    const { host, port, user, database } = partsOf(url);
    const cwd = await temporaryDir();
    const env = { DBT_PROFILES_DIR: await temporaryDir() };
    const start = (name: string) => {
      const flags = ['--driver', 'postgres', '--project-dir', name, '--no-agents', '--no-question'];
      return Terminal.start([process.execPath, KTX, 'setup', ...flags], { cwd, env, columns: 100, rows: 50 });
    };
    const answers = async (terminal: Terminal, questions: [RegExp, string][]) => {
      for (const [question, text] of questions) {
        await terminal.waitFor(question);
        await terminal.press('C-u');
        await terminal.type(text);
        await terminal.press('Enter');
      }
    };
    const parts = await start('parts');
    await answers(parts, [
      [/Create a project in/, ''],
      [/Name of the connection/, 'warehouse'],
      [/PostgreSQL: host/, 'no.such.host.invalid'],
      [/PostgreSQL: port/, port],
      [/PostgreSQL: user/, user],
      [/PostgreSQL: password/, password],
      [/PostgreSQL: database/, database],
      [/is not known[\s\S]*PostgreSQL: host/, host],
      [/Which schemas should be scanned\?/, ''],
      [/Scan all 68 tables and views\?/, ''],
    ]);
    expect(await parts.exitCode()).toBe(0);
    expect((await parts.history()).match(/PostgreSQL: (port|password)/g)).toHaveLength(2);

    const whole = await start('whole');
    await answers(whole, [
      [/Create a project in/, ''],
      [/Name of the connection/, 'warehouse'],
      [/PostgreSQL: host, or a whole URL/, url],
      [/Which schemas should be scanned\?/, ''],
    ]);
    await whole.waitFor(/Scan all 68 tables and views\?/);
    const config = await readFile(join(cwd, 'whole', 'ktx.yaml'), 'utf8');
    expect(config).toContain(`host: ${host}`);
    expect(config).not.toContain(password);

    const again = await start('parts');
    await answers(again, [[/Name of the connection/, 'warehouse']]);
    await again.waitFor('The project has a connection of this name already');
  });

  it('writes no schema that does not exist', async () => {
    const { url } = await createWarehouse();
    const cwd = await temporaryDir();
    const options = ['--no-agents', '--no-question', '--yes'];
    const wrong = await ktx(['setup', '--url', url, '--schema', 'nope', ...options], { cwd });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("has no schema 'nope'")]);
    expect(await readFile(join(cwd, 'ktx.yaml'), 'utf8')).not.toContain('nope');
    const right = await ktx(['setup', '--url', url, '--schema', 'staging', ...options], { cwd });
    expect([right.code, right.stderr]).toEqual([0, expect.stringContaining('8 of 68')]);
    const none = await ktx(['setup', '--include', 'nope.*', ...options], { cwd });
    expect(none.stderr).toContain('Warning: No table is selected');
  });

  it('creates the project in the folder of KTX_PROJECT_DIR', async () => {
    const [cwd, other] = [await temporaryDir(), await temporaryDir()];
    for (const command of [['setup', '--yes'], ['init']]) {
      const project = join(other, command[0] ?? '');
      await ktx(command, { cwd, env: { KTX_PROJECT_DIR: project } });
      expect(await readdir(project)).toContain('ktx.yaml');
      expect(await readdir(cwd)).toEqual([]);
    }
  });

  itOnUnix('suggests a command that asks the same, anything the names of the database are', async () => {
    const cwd = await temporaryDir();
    runSqlite(join(cwd, 'a.db'), `CREATE TABLE "$(touch pwned) it's" (id INTEGER PRIMARY KEY, "status of" TEXT)`);
    const lite = ['--driver', 'sqlite', '--path', 'a.db', '--no-agents', '--yes'];
    await ktx(['setup', ...lite, '--connection-id', 'first', '--no-question'], { cwd });
    const { stdout } = await ktx(['setup', ...lite, '--connection-id', '$(touch pwned)'], { cwd });
    const [suggested] = /ktx sl query .*--execute/.exec(stdout) ?? [];
    const script = `ktx() { '${process.execPath}' '${KTX}' "$@"; }; ${suggested}`;
    const answer = await startProcess('sh', ['-c', script], { cwd }).finished;
    expect([answer.code, answer.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    expect(await readdir(cwd)).not.toContain('pwned');
  });

  itOnUnix('shows control characters of names as escapes', async () => {
    const cwd = await temporaryDir();
    const esc = String.fromCharCode(27);
    runSqlite(join(cwd, 'a.db'), `CREATE TABLE "a${esc}]0;title" (id INTEGER); CREATE TABLE b (id INTEGER)`);
    const flags = ['--driver', 'sqlite', '--path', 'a.db', '--no-agents', '--project-dir', cwd];
    const terminal = await Terminal.start([process.execPath, KTX, 'setup', ...flags], { cwd, columns: 100, rows: 40 });
    await terminal.waitFor('Create a project in');
    await terminal.press('Enter');
    await terminal.waitFor('Name of the connection');
    await terminal.press('Enter');
    await terminal.waitFor('Scan all 2 tables and views?');
    await terminal.press('Down', 'Enter');
    await terminal.waitFor('a\\u001b]0;title');
  });

  itOnUnix('takes a connection from a dbt profile', async () => {
    const { url, password } = await createWarehouse();
    const { host, port, user, database } = partsOf(url);
    const [cwd, profiles] = [await temporaryDir(), await temporaryDir()];
    const literal = { type: 'postgres', host, port: Number(port), user, password, dbname: database, schema: 'x' };
    const outputs = { dev: literal, prod: { ...literal, password: "{{ env_var('SHOP_PASSWORD') }}" } };
    await writeFile(join(profiles, 'profiles.yml'), JSON.stringify({ shop: { target: 'dev', outputs } }));
    const env = { DBT_PROFILES_DIR: profiles, SHOP_PASSWORD: password };
    const options = ['--schema', 'staging', '--no-question', '--no-agents', '--yes'];
    const prod = await ktx(['setup', '--dbt-profile', 'shop.prod', ...options], { cwd, env });
    expect(prod.stderr).toContain('Scanned 8 tables');
    expect(await readFile(join(cwd, 'ktx.yaml'), 'utf8')).toMatch(/password: ['"]?env:SHOP_PASSWORD/);
    const unknown = await ktx(['setup', '--dbt-profile', 'shop.test', ...options], { cwd, env });
    expect(unknown.stderr).toContain('Choose shop.dev, shop.prod');

    const terminal = await Terminal.start([process.execPath, KTX, 'setup', '--project-dir', 'other', '--no-agents'], {
      ...{ cwd, env, columns: 100, rows: 40 },
    });
    await terminal.waitFor('Create a project in');
    await terminal.press('Enter');
    await terminal.waitFor(/Which database should be set up\?[\s\S]*dbt: shop\.dev \(postgres 127\.0\.0\.1/);
    await terminal.press('Enter');
    await terminal.waitFor('Name of the connection');
    await terminal.press('Enter');
    await terminal.waitFor('Which schemas should be scanned?');
    await terminal.press('C-c');
    expect(await terminal.exitCode()).toBe(130);
    expect(await terminal.history()).not.toContain(password);
    const written = await readFile(join(cwd, 'other', 'ktx.yaml'), 'utf8');
    expect(written).toContain('password: file:');
    expect(written).not.toContain(password);
  });

  it('names the missing flag without a terminal, and writes no connection that fails', async () => {
    const { url } = await createWarehouse();
    const { host, port, user, database } = partsOf(url);
    const cwd = await temporaryDir();
    const missing = await ktx(['setup', '--yes'], { cwd });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('The connection needs --driver');
    const address = ['--driver', 'postgres', '--host', host, '--port', port, '--user', user, '--database', database];
    const wrong = startKtx(['setup', ...address, '--password-stdin', '--yes'], { cwd, input: true });
    wrong.child.stdin?.end('not the password');
    const { code, stderr } = await wrong.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/refused the login/);
    expect(stderr).not.toContain('not the password');
    expect(await connectionsOf(cwd)).toEqual([]);
  });

  it('rejects its flags on the demo', async () => {
    const { code, stderr } = await ktx(['setup', 'demo', '--host', 'x'], { cwd: await temporaryDir() });
    expect(code).toBe(1);
    expect(stderr).toContain("unknown option '--host'");
  });
});

async function connectionsOf(cwd: string): Promise<unknown[]> {
  const { code, stdout } = await ktx(['connection', 'list', '--json'], { cwd });
  expect(code).toBe(0);
  return JSON.parse(stdout).connections;
}
