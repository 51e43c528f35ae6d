import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  ensureManagedPythonCommandRuntime,
  type KtxError,
  loadKtxProject,
  postManagedDaemonJson,
} from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { catchError } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const missing = () => catchError(() => loadKtxProject({ projectDir: '/nonexistent/project' }));

/** Provokes an error of the operating system: ktx.yaml is a folder. */
function unreadable(): Promise<KtxError> {
  const projectDir = temporaryFolder();
  mkdirSync(join(projectDir, 'ktx.yaml'));
  return catchError(() => loadKtxProject({ projectDir }));
}

async function rejectedRequest(body: object, status = 400): Promise<KtxError> {
  const { baseUrl } = await jsonServer(body, status);
  return catchError(() => postManagedDaemonJson(baseUrl, '/sql/x', {}));
}

describe('an error of the package', () => {
  it('has a code, a message and a hint', async () => {
    const error = await missing();
    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'hint']));
    expect(error.code).toBe('KTX_PROJECT_MISSING');
    expect(error.message).toBe('There is no ktx.yaml in /nonexistent/project');
  });

  it('has the default hint of its code', async () => {
    expect((await missing()).hint).toBe('Create a project with: ktx init');
    expect((await rejectedRequest({ detail: 'x', code: 'y' })).hint).toBe(
      'See the log of the daemon with: ktx runtime logs',
    );
  });

  it('has no hint if its message has the next step by contract', async () => {
    const options = {
      cliVersion: '9.9.9',
      installPolicy: 'never',
      io: {},
      readStatus: async () => ({ kind: 'missing' }),
    };
    const error = await catchError(() => ensureManagedPythonCommandRuntime(options as never));
    expect(error.message).toBe('KTX Python runtime is required for this command. Run: ktx runtime install --yes');
    expect(error).not.toHaveProperty('hint');
  });

  it('has the status, the response and the hint of the daemon', async () => {
    const body = {
      detail: 'No such key',
      code: 'invalid_request',
      hint: 'Name another',
      errors: [{ path: 'a', message: 'b' }],
    };
    const { status, response, hint } = await rejectedRequest(body, 422);
    expect({ status, response, hint }).toEqual({ status: 422, response: body, hint: 'Name another' });
  });

  it('has no status and no response without a request', async () => {
    const error = await missing();
    expect(error).not.toHaveProperty('status');
    expect(error).not.toHaveProperty('response');
    expect(error).not.toHaveProperty('cause');
  });

  it('has a cause, which is not enumerable', async () => {
    const error = await unreadable();
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).toContain((error.cause as Error).message);
    expect(Object.keys(error)).not.toContain('cause');
  });

  it('is not created for an error of a callback', async () => {
    const thrown = { odd: true };
    const runner = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => Promise.reject(thrown) } as never);
    await expect(runner('x', {})).rejects.toBe(thrown);
  });

  it('has the stack of the caller', async () => {
    expect((await missing()).stack).toContain('error-properties.test.ts');
  });
});
