import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  type ManagedPythonCoreDaemonOptions,
  type RuntimeInstallProgress,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { catchError } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { makeFolder, removeFolder } from './support/temp.js';

// The real wheel, installer and daemon, configured by `managedDaemon` only.

const cliVersion = '0.2.0';
const folder = makeFolder();
const runtimeRoot = join(folder, 'runtime');
const statement = { sql: 'SELECT 1', dialect: 'postgres' };

beforeEach(() => void vi.stubEnv('KTX_RUNTIME_ROOT', runtimeRoot));
afterAll(async () => {
  await stopManagedPythonDaemon({ cliVersion, runtimeRoot });
  removeFolder(folder);
});

function createRunner(overrides: Partial<ManagedPythonCoreDaemonOptions>) {
  const { io, stderr } = recordingIo();
  const options: ManagedPythonCoreDaemonOptions = { cliVersion, installPolicy: 'prompt', io, ...overrides };
  return { request: createManagedDaemonHttpJsonRunner(options), stderr };
}

function readLogEvents(event: string) {
  const lines = readFileSync(join(runtimeRoot, 'ktx.log'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
}

describe('managedDaemon', () => {
  it('rejects callbacks that are not functions immediately', () => {
    expect(() => createRunner({ confirmInstall: true as never })).toThrow('options.confirmInstall must be a function');
    expect(() => createRunner({ onProgress: 1 as never })).toThrow('options.onProgress must be a function');
  });

  it('installs nothing without a prompt or after a no', async () => {
    const required = await catchError(() => createRunner({}).request('/sql/validate-read-only', statement));
    expect(required.code).toBe('KTX_RUNTIME_REQUIRED');
    const confirmInstall = vi.fn(async () => false);
    const declined = await catchError(() =>
      createRunner({ confirmInstall }).request('/sql/validate-read-only', statement),
    );
    expect(declined.code).toBe('KTX_RUNTIME_CANCELLED');
    const [question] = confirmInstall.mock.calls[0] as unknown as [string];
    expect(question).toMatch(/^KTX needs to install the core Python runtime\..* with (uv|pip)\. Continue\?$/);
    expect(existsSync(runtimeRoot)).toBe(false);
  });

  it('prompts once, reports the phases, installs, starts, and logs both', async () => {
    const confirmInstall = vi.fn(() => true);
    const phases: RuntimeInstallProgress['phase'][] = [];
    const { request, stderr } = createRunner({ confirmInstall, onProgress: ({ phase }) => void phases.push(phase) });
    const answers = [request('/sql/validate-read-only', statement), request('/sql/validate-read-only', statement)];
    await expect(Promise.all(answers)).resolves.toEqual([
      { ok: true, error: null },
      { ok: true, error: null },
    ]);
    expect(confirmInstall).toHaveBeenCalledOnce();
    expect(phases).toEqual(expect.arrayContaining(['environment', 'packages', 'finish']));
    expect(stderr()).toMatch(
      /^Installing KTX Python runtime \(core\) with \w+\.\.\.\nKTX Python runtime ready: .*\nStarted KTX Python daemon: .*\n$/,
    );
    expect(readLogEvents('runtime.installed')).toMatchObject([
      { level: 'info', component: 'addon', features: ['core'] },
    ]);
    expect(readLogEvents('daemon.started')).toMatchObject([{ status: 'started', daemon_pid: expect.any(Number) }]);
  });
});
