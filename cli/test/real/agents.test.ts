/** `ktx agents …` as a process, with a home folder of its own. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { ktx } from '../support/ktx.js';

let home: string;
let project: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'ktx-agents ü-')));
  project = join(home, 'shop');
  mkdirSync(project);
  writeFileSync(join(project, 'ktx.yaml'), 'project: shop\n');
});

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
