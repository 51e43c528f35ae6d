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
import { errorOf } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const missing = () => errorOf(() => loadKtxProject({ projectDir: '/nonexistent/project' }));

/** An error of the operating system: the project's file is a folder. */
function unreadable(): Promise<KtxError> {
  const projectDir = temporaryFolder();
  mkdirSync(join(projectDir, 'ktx.yaml'));
  return errorOf(() => loadKtxProject({ projectDir }));
}

async function refused(body: object, status = 400): Promise<KtxError> {
  const { baseUrl } = await jsonServer(body, status);
  return errorOf(() => postManagedDaemonJson(baseUrl, '/sql/x', {}));
}

describe('an error of the package', () => {
  it('has a code and a message of one statement', async () => {
    const error = await missing();
    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'hint']));
    expect(error.code).toBe('KTX_PROJECT_MISSING');
    expect(error.message).toBe('There is no ktx.yaml in /nonexistent/project');
  });

  it('has the hint of its code where it has none of its own', async () => {
    expect((await missing()).hint).toBe('Create a project with: ktx init');
    expect((await refused({ detail: 'x', code: 'y' })).hint).toBe('See the log of the daemon with: ktx runtime logs');
  });

  it('has no hint where the contract has the message say the next step', async () => {
    const options = {
      cliVersion: '9.9.9',
      installPolicy: 'never',
      io: {},
      readStatus: async () => ({ kind: 'missing' }),
    };
    const error = await errorOf(() => ensureManagedPythonCommandRuntime(options as never));
    expect(error.message).toBe('KTX Python runtime is required for this command. Run: ktx runtime install --yes');
    expect(error).not.toHaveProperty('hint');
  });

  it('has the status, the refusal and the hint of the daemon', async () => {
    const body = {
      detail: 'No such key',
      code: 'invalid_request',
      hint: 'Name another',
      errors: [{ path: 'a', message: 'b' }],
    };
    const { status, response, hint } = await refused(body, 422);
    expect({ status, response, hint }).toEqual({ status: 422, response: body, hint: 'Name another' });
  });

  it('has no status and no refusal where nothing was answered', async () => {
    const error = await missing();
    expect(error).not.toHaveProperty('status');
    expect(error).not.toHaveProperty('response');
    expect(error).not.toHaveProperty('cause');
  });

  it('has its cause, which is not listed', async () => {
    const error = await unreadable();
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).toContain((error.cause as Error).message);
    expect(Object.keys(error)).not.toContain('cause');
  });

  it('has what a callback has thrown as it is', async () => {
    const thrown = { odd: true };
    const runner = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => Promise.reject(thrown) } as never);
    await expect(runner('x', {})).rejects.toBe(thrown);
  });

  it('has the stack of the caller', async () => {
    expect((await missing()).stack).toContain('error-properties.test.ts');
  });
});
