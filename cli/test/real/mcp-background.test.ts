/** The MCP server in the background: one for each project, at any moment at which its start is interrupted. */

import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectClient } from '../support/http.js';
import { cleanEnvironment, KTX, ktx, temporaryDir } from '../support/ktx.js';
import { writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';

interface Started {
  status: string;
  logFile: string;
  tokenFile: string;
  server: { pid: number; url: string };
}

/** A project; its server is stopped at the end of the test. */
async function createProject() {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  onTestFinished(async () => void (await ktx(['mcp', 'stop'], { cwd })));
  return cwd;
}

async function mcp<Result = Started>(cwd: string, ...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await ktx(['mcp', ...args, '--json'], { cwd });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function connect({ server: { url }, tokenFile }: Started) {
  return connectClient({ url, token: (await readFile(tokenFile, 'utf8')).trim() });
}

/** Processes that serve the project, without those that have ended and are not reaped yet. */
async function serversOf(cwd: string): Promise<number[]> {
  const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
    let text = '';
    const ps = spawn('ps', ['-eo', 'pid=,stat=,args='], { stdio: ['ignore', 'pipe', 'ignore'] });
    ps.stdout.on('data', (chunk) => (text += chunk));
    ps.once('close', () => resolve({ stdout: text }));
  });
  const lines = stdout.split('\n').filter((line) => line.includes('serve --mcp http') && line.includes(cwd));
  return lines.filter((line) => !/^\s*\d+\s+Z/.test(line)).map((line) => Number.parseInt(line, 10));
}

describe('ktx mcp', () => {
  it('starts one server, reuses it, and stops it', async () => {
    const cwd = await createProject();
    const first = await mcp(cwd, 'start');
    expect(first.status).toBe('started');
    expect(await (await connect(first)).listTools()).toHaveProperty('tools');
    const second = await mcp(cwd, 'start');
    expect(second).toMatchObject({ status: 'reused', server: { pid: first.server.pid } });
    expect(await mcp(cwd, 'status')).toMatchObject({
      kind: 'running',
      server: first.server,
      tokenFile: first.tokenFile,
    });
    expect(await mcp(cwd, 'stop')).toMatchObject({ status: 'stopped', server: { pid: first.server.pid } });
    expect(await serversOf(cwd)).toEqual([]);
    expect(await mcp(cwd, 'stop')).toMatchObject({ status: 'already-stopped' });
    expect(await mcp(cwd, 'status')).toMatchObject({ kind: 'stopped' });
    expect((await ktx(['mcp', 'logs'], { cwd })).stdout).toContain(`Serving ${cwd} at ${first.server.url}`);
  });

  it('replaces a server that was started with other flags', async () => {
    const cwd = await createProject();
    const first = await mcp(cwd, 'start', '--execute-queries');
    const toolNames = async (started: Started) =>
      (await (await connect(started)).listTools()).tools.map(({ name }) => name);
    expect(await toolNames(first)).toContain('sql_execute');
    const second = await mcp(cwd, 'start');
    expect(second.status).toBe('started');
    expect(await toolNames(second)).not.toContain('sql_execute');
    expect(await serversOf(cwd)).toEqual([second.server.pid]);
  });

  it('replaces a server whose token was replaced', async () => {
    const cwd = await createProject();
    const first = await mcp(cwd, 'start');
    await rm(first.tokenFile);
    const second = await mcp(cwd, 'start');
    expect(second.server.pid).not.toBe(first.server.pid);
    expect(await (await connect(second)).listTools()).toHaveProperty('tools');
  });

  it('shows the token on request only, and keeps it in private files', async () => {
    const cwd = await createProject();
    const { tokenFile, logFile } = await mcp(cwd, 'start');
    const token = (await readFile(tokenFile, 'utf8')).trim();
    expect((await ktx(['mcp', 'status'], { cwd })).stdout).not.toContain(token);
    expect((await ktx(['mcp', 'status', '--show-token'], { cwd })).stdout).toContain(token);
    expect(await readFile(logFile, 'utf8')).not.toContain(token);
    const folder = dirname(tokenFile);
    const isWindows = process.platform === 'win32';
    for (const name of readdirSync(folder)) {
      expect(isWindows || statSync(join(folder, name)).mode & 0o077, name).toBe(isWindows || 0);
    }
  });

  it('is started again after it was killed', async () => {
    const cwd = await createProject();
    const { server, tokenFile } = await mcp(cwd, 'start');
    process.kill(server.pid, 'SIGKILL');
    await vi.waitUntil(async () => (await serversOf(cwd)).length === 0);
    expect(await mcp(cwd, 'status')).toMatchObject({
      kind: 'stale',
      detail: expect.stringContaining('is not running'),
    });
    const next = await mcp(cwd, 'start');
    expect(next).toMatchObject({ status: 'started', tokenFile });
    expect(await (await connect(next)).listTools()).toHaveProperty('tools');
  });

  it('is one server after eight starts at once', async () => {
    const cwd = await createProject();
    const all = await Promise.all(Array.from({ length: 8 }, () => mcp(cwd, 'start')));
    expect(new Set(all.map(({ server }) => server.pid)).size).toBe(1);
    expect(all.filter(({ status }) => status === 'started')).toHaveLength(1);
    expect(await serversOf(cwd)).toEqual([all[0]?.server.pid]);
  });

  it.each([0, 50, 100, 200, 300, 400, 600])('leaves one server if its start is killed after %i ms', async (ms) => {
    const cwd = await createProject();
    const starter = spawn(process.execPath, [KTX, 'mcp', 'start'], { cwd, env: cleanEnvironment(), stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, ms));
    starter.kill('SIGKILL');
    const { server } = await mcp(cwd, 'start');
    await vi.waitUntil(async () => (await serversOf(cwd)).length === 1, { timeout: 30_000 });
    expect(await serversOf(cwd)).toEqual([server.pid]);
    await mcp(cwd, 'stop');
    expect(await serversOf(cwd)).toEqual([]);
  });

  it('lets a running call finish for a limited time when it stops, and records it as failed', async () => {
    const cwd = await createProject();
    const { port, connected } = await startSilentServer();
    await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
    const started = await mcp(cwd, 'start');
    const client = await connect(started);
    client.callTool({ name: 'scan_run', arguments: { connectionId: 'mute' } }).catch(() => {});
    await connected;
    expect(await mcp(cwd, 'stop')).toMatchObject({ status: 'stopped' });
    expect(await serversOf(cwd)).toEqual([]);
    const { runs } = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout);
    expect(runs).toMatchObject([{ status: 'failed' }]);
  });

  it('replaces a damaged state file with its server', async () => {
    const cwd = await createProject();
    const { server, tokenFile } = await mcp(cwd, 'start');
    await writeFile(join(dirname(tokenFile), 'server.json'), '{');
    const next = await mcp(cwd, 'start');
    expect(next.status).toBe('started');
    expect(await serversOf(cwd)).toEqual([next.server.pid]);
    expect(next.server.pid).not.toBe(server.pid);
  });

  it('quotes the log of a server that does not start, and leaves nothing', async () => {
    const cwd = await createProject();
    const failing = async (flags: string[] = [], env = {}) => {
      const { code, stdout } = await ktx(['mcp', 'start', '--json', ...flags], { cwd, env });
      expect(code).toBe(1);
      return JSON.parse(stdout).error;
    };
    const fail = `console.error('out of order'); process.exit(1);`;
    await writeFile(join(cwd, 'fail.cjs'), `if (process.argv.includes('serve')) { ${fail} }`);
    const error = await failing([], { NODE_OPTIONS: `--require="${join(cwd, 'fail.cjs').replaceAll('\\', '/')}"` });
    expect(error).toMatchObject({ code: 'KTX_SERVER_START_FAILED', message: expect.stringContaining('out of order') });
    expect(await failing(['--token-file', 'none'])).toMatchObject({ code: 'KTX_FILE_IO' });
    await writeFile(join(cwd, 'ktx.yaml'), 'connections: 7\n');
    expect(await failing()).toMatchObject({ code: 'KTX_PROJECT_INVALID' });
    expect(await serversOf(cwd)).toEqual([]);
    expect(await mcp(cwd, 'status')).toMatchObject({ kind: 'stopped' });
  });

  it('reports a port that is in use', async () => {
    const cwd = await createProject();
    const { server } = await mcp(cwd, 'start');
    const other = await createProject();
    const { stderr } = await ktx(['mcp', 'start', '--port', new URL(server.url).port], { cwd: other });
    expect(stderr).toMatch(/Error: Cannot listen on 127\.0\.0\.1:\d+.*\nNext: Choose another port/);
  });
});
