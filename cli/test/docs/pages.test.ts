/**
 * Runs every command and every example of README.md and `docs/`, page by page, on isolated machines with the packed
 * package. Exceptions are listed here.
 */

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_DIR } from '../support/ktx.js';
import { createInternet, type Internet } from './support/internet.js';
import { createMachine, finish, type Machine, type Shell } from './support/machine.js';
import { type Block, blocksOf, PAGES, type Step, stepsOf } from './support/markdown.js';
import { listConfiguredTools } from './support/mcp-client.js';
import { FAILS, outputOf, patternOf } from './support/shown.js';
import { createWarehouse, type Warehouse } from './support/warehouse.js';

/** Commands that are not run, each with the reason. */
const SKIPPED: Record<string, string> = {
  'npm test': 'runs this test',
  'node scripts/pack.mjs': 'runs before all pages, which install its packages',
  'npm install --global ./dist/*.tgz': 'the pages install these packages from the test registry',
};

/** Replacements of commands that would write into the clone. */
const REPLACEMENTS: Record<string, string> = {
  'npm run demo': `npm --prefix '${PACKAGE_DIR}' --silent run demo -- --project-dir "$PWD/ktx-demo"`,
};

/** Commands of a program that is not installed; the server command after `--` is run instead. */
const ADD_SERVER = /^claude mcp add .*? -- (?<server>.*)$/;

/** Languages of blocks that are not run. */
const STATIC_LANGUAGES = ['', 'text', 'ts'];

/** Pages that start without an installed package; all others share a machine. */
const PAGES_ON_NEW_MACHINE = ['docs/install.md', 'docs/offline.md', 'docs/troubleshooting.md'];

let dir: string;
/** A project without connections. */
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

/** Replaces example names of the pages by those of the test. */
function substitute(text: string): string {
  const names: Record<string, string> = {
    'postgresql://me@db.example.com:5432/shop': warehouse.owner,
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

it('has exceptions only for commands of the pages', () => {
  const commands = consoleSteps.map(({ command }) => command);
  expect(commands.length).toBeGreaterThan(60);
  expect(commands).toEqual(expect.arrayContaining(Object.keys({ ...SKIPPED, ...REPLACEMENTS })));
  expect(commands.filter((command) => ADD_SERVER.test(command)).length).toBe(1);
});

// The pages use a POSIX shell and paths of Linux.
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
    const machine = PAGES_ON_NEW_MACHINE.includes(page) ? await newMachine(page) : shared;
    const shell = await machine.openShell(page.replace(/\W/g, '-'));
    for (const block of blocksOf(page)) await runBlock(block, shell, machine);
    if (page === 'docs/offline.md')
      expect(new Set(internet.connectTargets)).toEqual(new Set(['npm.example.com:443', 'pypi.example.com:443']));
  });
});

/** Runs a block as a reader would. */
async function runBlock(block: Block, shell: Shell, machine: Machine): Promise<void> {
  const { where, language, file, text } = block;
  const cwd = await shell.cwd();
  if (language === 'console') {
    for (const step of stepsOf(block)) await runStep(step, shell, machine);
  } else if (file !== undefined) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
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
    expect(await listConfiguredTools(language, substitute(text), { cwd, env: machine.env }), where).toContain(
      'connection_list',
    );
  } else {
    expect(STATIC_LANGUAGES, `${where}: unknown language of a block`).toContain(language);
  }
}

/** Runs a command and compares its output with the page. */
async function runStep({ where, command, shown }: Step, shell: Shell, machine: Machine): Promise<void> {
  if (command in SKIPPED) return;
  const server = ADD_SERVER.exec(command)?.groups?.server;
  if (server !== undefined) {
    const [word = '', ...args] = server.split(' ');
    const config = { mcpServers: { added: { command: word, args } } };
    const cwd = await shell.cwd();
    const tools = await listConfiguredTools('json', substitute(JSON.stringify(config)), { cwd, env: machine.env });
    expect(tools, where).toContain('connection_list');
    return;
  }
  const { code, stdout, stderr } = await shell.run(substitute(REPLACEMENTS[command] ?? command));
  const fails = shown !== undefined && FAILS.test(shown);
  const details = `${where}: ${command}\n${stdout}${stderr}`;
  expect(code, details).toBe(fails ? 1 : 0);
  if (shown === undefined) return;
  // Progress before the failure is erased from a terminal.
  const output = outputOf(fails ? stdout + stderr.slice(Math.max(0, stderr.search(/^Error: /m))) : stdout);
  expect(output, details).toMatch(patternOf(substitute(shown)));
}

/** Runs an example; the comment after a `console.log` is its expected output. */
async function runExample(where: string, text: string, machine: Machine, cwd: string): Promise<void> {
  await succeed(where, 'npm', ['install', '--silent', '@kaelio/ktx'], machine, cwd);
  await writeFile(join(cwd, 'example.mjs'), text);
  const expected = [...text.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => `${line}\n`);
  expect(expected.length, where).toBeGreaterThan(0);
  expect(await succeed(where, process.execPath, ['example.mjs'], machine, cwd), where).toBe(expected.join(''));
}

async function succeed(where: string, command: string, args: string[], { env }: Machine, cwd: string): Promise<string> {
  const { code, stdout, stderr } = await finish(command, args, env, cwd);
  expect(code, `${where}: ${stdout}${stderr}`).toBe(0);
  return stdout;
}
