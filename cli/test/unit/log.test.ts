import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runKtxCli } from '../../src/cli.js';
import { CliError } from '../../src/errors.js';
import { makeIo } from '../support/io.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ktx-log-'));
  vi.stubEnv('KTX_RUNTIME_ROOT', root);
  vi.stubEnv('KTX_LOG_LEVEL', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function lines(): Record<string, unknown>[] {
  try {
    const text = readFileSync(join(root, 'ktx.log'), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

const listed = ['--project-dir', '/p', 'connection', 'list'];

describe('the log of the command line', () => {
  it('has a failure with its code and its request, and no message', async () => {
    const { io } = makeIo({ requestId: 'call-1' });
    const connection = () => Promise.reject(new CliError('KTX_QUERY_FAILED', 'invalid value: hunter2'));
    await expect(runKtxCli(listed, io, { connection })).resolves.toBe(1);
    expect(lines()).toMatchObject([
      { level: 'error', component: 'cli', event: 'command.failed', request_id: 'call-1', code: 'KTX_QUERY_FAILED' },
    ]);
    expect(lines()[0]).toMatchObject({ command: 'connection list', exit_code: 1 });
    expect(JSON.stringify(lines())).not.toContain('hunter2');
  });

  it('has every call at the level debug, which holds for that call only', async () => {
    const level: (string | undefined)[] = [];
    const connection = async () => level.push(process.env.KTX_LOG_LEVEL) - 1;
    await runKtxCli(listed, makeIo().io, { connection });
    expect(lines()).toEqual([]);
    await runKtxCli(['--log-level', 'debug', ...listed], makeIo().io, { connection });
    expect(lines()).toMatchObject([{ level: 'debug', event: 'command.finished', command: 'connection list' }]);
    expect(level).toEqual([undefined, 'debug']);
    expect(process.env.KTX_LOG_LEVEL).toBeUndefined();
  });

  it('refuses an unknown level of the flag and of the variable', async () => {
    const connection = vi.fn(async () => 0);
    const [flag, variable] = [makeIo(), makeIo({ env: { KTX_LOG_LEVEL: 'loud' } })];
    await expect(runKtxCli(['--log-level', 'loud', ...listed], flag.io, { connection })).resolves.toBe(1);
    await expect(runKtxCli(listed, variable.io, { connection })).resolves.toBe(1);
    expect(flag.stderr()).toContain('Allowed choices are error, warn, info, debug');
    expect(variable.stderr()).toContain('KTX_LOG_LEVEL must be one of error, warn, info, debug');
    expect(connection).not.toHaveBeenCalled();
  });
});
