/** `ktx agents …` as a process, with a home folder of its own. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';

let home: string;
let project: string;

beforeEach(async () => {
  home = await temporaryDir();
  project = join(home, 'shop');
  mkdirSync(project);
  writeFileSync(join(project, 'ktx.yaml'), 'project: shop\n');
});

/** Contents of all files below the home folder by path; folders have none. */
function snapshot() {
  const entries = readdirSync(home, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => [join(entry.parentPath, entry.name), entry.isFile()] as const);
  return Object.fromEntries(paths.map(([path, isFile]) => [path, isFile ? readFileSync(path, 'latin1') : '']));
}

function agents(...args: string[]) {
  const env = { HOME: home, USERPROFILE: home, APPDATA: home, XDG_CONFIG_HOME: undefined, PATH: '' };
  return ktx(['agents', ...args], { cwd: project, env });
}

it('connects, lists and disconnects clients', async () => {
  const installed = await agents('install', '--client', 'claude-code', 'codex');
  expect(installed.code).toBe(0);
  expect(installed.stdout).toContain('.mcp.json');
  expect(installed.stdout).toContain('Undo with: ktx agents remove');
  const { mcpServers } = JSON.parse(readFileSync(join(project, '.mcp.json'), 'utf8'));
  expect([mcpServers.ktx.command, ...mcpServers.ktx.args].join(' ')).toMatch(
    /npx -y @kaelio\/ktx serve --mcp stdio --project-dir \.$/,
  );
  const { clients } = JSON.parse((await agents('list', '--json')).stdout);
  const connected = clients.filter((client: { installations: object[] }) => client.installations.length > 0);
  expect(connected.map(({ client }: { client: string }) => client)).toEqual(['claude-code', 'codex']);
  const removed = await agents('remove');
  expect(removed.code).toBe(0);
  expect(existsSync(join(project, '.mcp.json'))).toBe(false);
  expect((await agents('remove')).stdout).toBe('No client is connected\n');
});

it('names the variables that ktx.yaml refers to for Codex, which passes no others on', async () => {
  const connections = 'connections:\n  w: { driver: postgres, url: env:SHOP_URL, readonly: true }\n';
  writeFileSync(join(project, 'ktx.yaml'), `project: shop\n${connections}`);
  expect((await agents('install', '--client', 'codex')).code).toBe(0);
  expect(readFileSync(join(project, '.codex', 'config.toml'), 'utf8')).toContain('env_vars = ["SHOP_URL"]');
  expect((await agents('remove')).code).toBe(0);
  expect(existsSync(join(project, '.codex', 'config.toml'))).toBe(false);
});

it.each([
  ['claude-code', 'codex', 'cursor', 'vscode', 'opencode', 'gemini'],
  ['--global', 'claude-code', 'claude-desktop', 'codex', 'cursor', 'vscode', 'windsurf', 'opencode', 'gemini'],
])('leaves every file as before: %s %s …', async (...args) => {
  const clients = args.filter((name) => name !== '--global');
  const scope = args.filter((name) => name === '--global');
  for (const name of ['AGENTS.md', 'GEMINI.md']) writeFileSync(join(project, name), '# Mine, without an end');
  writeFileSync(join(project, '.mcp.json'), '{ "mcpServers": { "other": { "command": "x" } } }');
  writeFileSync(join(home, '.claude.json'), '{"numStartups":1}\n');
  const before = snapshot();
  expect((await agents('install', '--client', ...clients, ...scope)).code).toBe(0);
  const connected = JSON.parse((await agents('list', '--json')).stdout).clients.filter(
    ({ installations }: { installations: object[] }) => installations.length > 0,
  );
  expect(connected.map(({ client }: { client: string }) => client).sort()).toEqual([...clients].sort());
  expect((await agents('remove', ...scope)).code).toBe(0);
  expect(snapshot()).toEqual(before);
});

it('asks for a client without a terminal, and takes those that are found with --yes', async () => {
  const none = await agents('install');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('Name one with --client: claude-code');
  mkdirSync(join(home, '.gemini'));
  const unnamed = await agents('install');
  expect(unnamed.stderr).toContain('--client gemini');
  expect((await agents('install', '--yes')).code).toBe(0);
  expect(existsSync(join(project, '.gemini', 'settings.json'))).toBe(true);
});

it('refuses to replace a server of others', async () => {
  const text = '{ "mcpServers": { "ktx": { "command": "mine" } } }';
  writeFileSync(join(project, '.mcp.json'), text);
  const refused = await agents('install', '--client', 'claude-code', '--json');
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout).error.code).toBe('KTX_AGENT_CONFLICT');
  expect(readFileSync(join(project, '.mcp.json'), 'utf8')).toBe(text);
});
