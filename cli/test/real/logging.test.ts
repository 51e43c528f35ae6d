import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, startDaemon, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { writeProject, writeShop } from '../support/shop.js';

type Line = Record<string, unknown>;

const runtimeRoot = () => process.env.KTX_RUNTIME_ROOT ?? '';

async function linesOf(file: string): Promise<Line[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

describe('the request id', () => {
  it('of a command is in the logs of the command line and of the daemon', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    await ktx(['runtime', 'stop']);
    await expect(ktx(['--log-level', 'debug', 'scan', 'local'], { cwd })).resolves.toMatchObject({ code: 0 });
    const clientLog = await linesOf(join(runtimeRoot(), 'ktx.log'));
    const scan = clientLog.findLast(({ event, command }) => event === 'command.finished' && command === 'scan');
    const request = (lines: Line[], component: string) =>
      lines.find((line) => line.request_id === scan?.request_id && line.component === component && 'path' in line);
    expect(scan?.request_id).toMatch(/^[0-9a-f]{16}$/);
    expect(request(clientLog, 'addon')).toMatchObject({ event: 'request.finished', path: '/database/introspect' });
    const daemonLog = await linesOf(await startDaemon());
    expect(request(daemonLog, 'daemon')).toMatchObject({ path: '/database/introspect', status: 200 });
    await ktx(['runtime', 'stop']);
  });

  it('is the application name of the session in PostgreSQL', async () => {
    const database = await createDatabase();
    const cwd = await temporaryDir();
    await writeProject(cwd, `  pg: { driver: postgres, url: '${database.url}', readonly: true }\n`);
    const sources = join(cwd, 'semantic-layer', 'pg');
    const source =
      "name: session\nsql: SELECT current_setting('application_name') AS name\ngrain: [name]\ncolumns: [{ name: name, type: string }]\n";
    const { mkdir, writeFile } = await import('node:fs/promises');
    await mkdir(sources, { recursive: true });
    await writeFile(join(sources, 'session.yaml'), source);
    const query = [
      'sl',
      'query',
      '--measure',
      'count(session.name)',
      '--dimension',
      'session.name',
      '--execute',
      '--json',
    ];
    const { stdout, stderr } = await ktx(query, { cwd });
    expect(stderr).not.toContain('Error');
    const { sql, result } = JSON.parse(stdout);
    expect(result.rows[0][0]).toMatch(/^ktx\/[0-9a-f]{16}$/);
    expect(sql).not.toContain('ktx/');
  });
});

describe('ktx runtime doctor --bundle', () => {
  it('writes diagnostics that only the owner may read, without the token', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    await startDaemon();
    const { code, stdout } = await ktx(['runtime', 'doctor', '--bundle', '--json'], { cwd });
    expect(code).toBe(0);
    const { file, entries } = JSON.parse(stdout);
    expect(file).toMatch(/ktx-bundle-[\d.]+\.zip$/);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    const names = entries.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['versions.json', 'doctor.json', 'project.json', 'daemon.json']));
    const again = await ktx(['runtime', 'doctor', '--bundle'], { cwd });
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('exists. Name another file with --bundle FILE');
    const other = await ktx(['runtime', 'doctor', '--bundle', 'other.zip'], { cwd });
    expect(other.stdout).toContain(`Wrote ${join(cwd, 'other.zip')}\nFILE `);
    expect(other.stdout).toContain('nothing was sent');
  });
});
