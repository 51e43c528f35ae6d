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

function readLog(): Record<string, unknown>[] {
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

const LIST = ['--project-dir', '/p', 'connection', 'list'];

describe('the log of the command line', () => {
  it('has the code and the request id of a failure, without its message', async () => {
    const { io } = makeIo({ requestId: 'call-1' });
    const connection = () => Promise.reject(new CliError('KTX_QUERY_FAILED', 'invalid value: hunter2'));
    await expect(runKtxCli(LIST, io, { connection })).resolves.toBe(1);
    expect(readLog()).toMatchObject([
      { level: 'error', component: 'cli', event: 'command.failed', request_id: 'call-1', code: 'KTX_QUERY_FAILED' },
    ]);
    expect(readLog()[0]).toMatchObject({ command: 'connection list', exit_code: 1 });
    expect(JSON.stringify(readLog())).not.toContain('hunter2');
  });

  it('has every command at the level debug, for that invocation only', async () => {
    const level: (string | undefined)[] = [];
    const connection = async () => level.push(process.env.KTX_LOG_LEVEL) - 1;
    await runKtxCli(LIST, makeIo().io, { connection });
    expect(readLog()).toEqual([]);
    await runKtxCli(['--log-level', 'debug', ...LIST], makeIo().io, { connection });
    expect(readLog()).toMatchObject([{ level: 'debug', event: 'command.finished', command: 'connection list' }]);
    expect(level).toEqual([undefined, 'debug']);
    expect(process.env.KTX_LOG_LEVEL).toBeUndefined();
  });

  it('rejects an unknown level of the flag and of the variable', async () => {
    const connection = vi.fn(async () => 0);
    const [flag, variable] = [makeIo(), makeIo({ env: { KTX_LOG_LEVEL: 'loud' } })];
    await expect(runKtxCli(['--log-level', 'loud', ...LIST], flag.io, { connection })).resolves.toBe(1);
    await expect(runKtxCli(LIST, variable.io, { connection })).resolves.toBe(1);
    expect(flag.stderr()).toContain('Allowed choices are error, warn, info, debug');
    expect(variable.stderr()).toContain('KTX_LOG_LEVEL must be one of error, warn, info, debug');
    expect(connection).not.toHaveBeenCalled();
  });
});
