/**
 * Every command and every example of README.md and of the pages in `docs/`: run in order, page by page, on fresh
 * machines, with the package as it is packed for a release. What cannot be run is listed here.
 */

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_DIR } from '../support/ktx.js';
import { createInternet, type Internet } from './support/internet.js';
import { createMachine, finish, type Machine, type Shell } from './support/machine.js';
import { type Block, blocksOf, PAGES, type Step, stepsOf } from './support/markdown.js';
import { startConfigured } from './support/mcp-client.js';
import { FAILS, outputOf, patternOf } from './support/shown.js';
import { createWarehouse, type Warehouse } from './support/warehouse.js';

/** Commands that are not run, each with the reason. */
const NOT_RUN: Record<string, string> = {
  'npm test': 'runs this very test',
  'node scripts/pack.mjs': 'is run before all pages: its packages are what they install',
  'npm install --global ./dist/*.tgz': 'those packages are installed from a registry that has them',
};

/** Commands that would write into the clone, and what is run in their place. */
const ELSEWHERE: Record<string, string> = {
  'npm run demo': `npm --prefix '${PACKAGE_DIR}' --silent run demo -- --project-dir "$PWD/ktx-demo"`,
};

/** Commands of programs that are not here; what stands behind `--` is a server, and is started. */
const ADDS_SERVER = /^claude mcp add .*? -- (?<server>.*)$/;

/** Languages of blocks that are read, and not run. */
const TO_READ = ['', 'text', 'ts'];

/** Pages that begin with nothing installed; all others share a machine. */
const ON_NEW_MACHINES = ['docs/install.md', 'docs/offline.md', 'docs/troubleshooting.md'];

let dir: string;
/** A project with nothing in it. */
let project: string;
let internet: Internet;
let warehouse: Warehouse;
let shared: Machine;
const machines: Machine[] = [];

async function newMachine(page?: string): Promise<Machine> {
  const machine = await createMachine(internet, { network: page !== 'docs/offline.md' });
  machines.push(machine);
  return machine;
}

/** Names that the pages use for what only the test knows. */
function substitute(text: string): string {
  const names: Record<string, string> = {
    'db.example.com:5432/shop': `${warehouse.address}/${warehouse.database}`,
    ktx_reader: warehouse.reader,
    'http://proxy.example.com:3128': internet.proxy,
    '/etc/ssl/certs/company.pem': internet.authority,
    '/path/to/project': project,
    '${workspaceFolder}': project,
  };
  return Object.entries(names).reduce((replaced, [name, value]) => replaced.replaceAll(name, value), text);
}

const consoleSteps = PAGES.flatMap((page) => blocksOf(page).filter(({ language }) => language === 'console')).flatMap(
  stepsOf,
);

it('lists no command that no page has, and the pages have commands', () => {
  const commands = consoleSteps.map(({ command }) => command);
  expect(commands.length).toBeGreaterThan(60);
  expect(commands).toEqual(expect.arrayContaining(Object.keys({ ...NOT_RUN, ...ELSEWHERE })));
  expect(commands.filter((command) => ADDS_SERVER.test(command)).length).toBe(1);
});

// The pages show a POSIX shell and the folders of Linux; on other platforms the suites of the parts have to do.
describe.runIf(process.platform === 'linux')('on a machine with Linux', () => {
  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-docs-')));
    [internet, warehouse] = await Promise.all([createInternet(dir), createWarehouse()]);
    project = join(dir, 'project');
    await mkdir(project);
    await writeFile(join(project, 'ktx.yaml'), 'project: shop\n');
    shared = await newMachine();
    await succeed('The shared machine', 'npm', ['install', '--global', '--silent', '@kaelio/ktx'], shared, dir);
  });

  afterAll(async () => {
    for (const machine of machines) await machine.remove();
    await warehouse?.remove();
    internet?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(PAGES)('%s', async (page) => {
    const machine = ON_NEW_MACHINES.includes(page) ? await newMachine(page) : shared;
    const shell = await machine.openShell(page.replace(/\W/g, '-'));
    for (const block of blocksOf(page)) await follow(block, shell, machine);
    if (page === 'docs/offline.md')
      expect(new Set(internet.asked)).toEqual(new Set(['npm.example.com:443', 'pypi.example.com:443']));
  });
});

/** Does what a reader of the block does. */
async function follow(block: Block, shell: Shell, machine: Machine): Promise<void> {
  const { where, language, file, text } = block;
  const cwd = await shell.cwd();
  if (language === 'console') {
    for (const step of stepsOf(block)) await type(step, shell, machine);
  } else if (file !== undefined) {
    await writeFile(join(cwd, file), substitute(text));
  } else if (language === 'sql') {
    await succeed(
      where,
      'psql',
      ['--no-psqlrc', '--quiet', '--command', substitute(text), warehouse.owner],
      machine,
      cwd,
    );
  } else if (language === 'js') {
    await runExample(where, text, machine, cwd);
  } else if (language === 'json' || language === 'toml') {
    expect(await startConfigured(language, substitute(text), { cwd, env: machine.env }), where).toContain(
      'connection_list',
    );
  } else {
    expect(TO_READ, `${where}: nothing is known of blocks of this language`).toContain(language);
  }
}

/** Types a command, and compares what it prints with what the page shows. */
async function type({ where, command, shown }: Step, shell: Shell, machine: Machine): Promise<void> {
  if (command in NOT_RUN) return;
  const server = ADDS_SERVER.exec(command)?.groups?.server;
  if (server !== undefined) {
    const [word = '', ...args] = server.split(' ');
    const config = { mcpServers: { added: { command: word, args } } };
    const cwd = await shell.cwd();
    const tools = await startConfigured('json', substitute(JSON.stringify(config)), { cwd, env: machine.env });
    expect(tools, where).toContain('connection_list');
    return;
  }
  const { code, stdout, stderr } = await shell.run(substitute(ELSEWHERE[command] ?? command));
  const fails = shown !== undefined && FAILS.test(shown);
  const all = `${where}: ${command}\n${stdout}${stderr}`;
  expect(code, all).toBe(fails ? 1 : 0);
  if (shown === undefined) return;
  // What a command says before it fails is gone from a terminal by then.
  const output = outputOf(fails ? stdout + stderr.slice(Math.max(0, stderr.search(/^Error: /m))) : stdout);
  expect(output, all).toMatch(patternOf(substitute(shown)));
}

/** Runs an example; what stands behind a `console.log` as a comment is what it has to print. */
async function runExample(where: string, text: string, machine: Machine, cwd: string): Promise<void> {
  await succeed(where, 'npm', ['install', '--silent', '@kaelio/ktx'], machine, cwd);
  await writeFile(join(cwd, 'example.mjs'), text);
  const promised = [...text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => `${line}\n`);
  expect(promised.length, where).toBeGreaterThan(0);
  expect(await succeed(where, process.execPath, ['example.mjs'], machine, cwd), where).toBe(promised.join(''));
}

async function succeed(where: string, command: string, args: string[], { env }: Machine, cwd: string): Promise<string> {
  const { code, stdout, stderr } = await finish(command, args, env, cwd);
  expect(code, `${where}: ${stdout}${stderr}`).toBe(0);
  return stdout;
}
