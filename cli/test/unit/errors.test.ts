import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CliError, describeFailure } from '../../src/errors.js';
import { printFailure } from '../../src/output/print.js';
import { packageVersion } from '../../src/package-info.js';
import { makeIo } from '../support/io.js';

function withCode(code: string, message: string, hint?: string): Error {
  return Object.assign(new Error(message), { code, hint });
}

describe('describeFailure', () => {
  it('keeps code, message and hint of the addon', () => {
    const hint = 'Create a project with: ktx init';
    expect(describeFailure(withCode('KTX_PROJECT_MISSING', 'No ktx.yaml here', hint))).toEqual({
      code: 'KTX_PROJECT_MISSING',
      message: 'No ktx.yaml here',
      next: hint,
    });
    expect(describeFailure(withCode('KTX_RUNTIME_REQUIRED', 'Needed. Run: x')).next).toBeUndefined();
  });

  it('accepts every code of the public types', () => {
    const types = readFileSync(new URL('../../../index.d.ts', import.meta.url), 'utf8');
    const union = /export type KtxErrorCode =([^;]+);/.exec(types)?.[1] ?? '';
    const codes = [...union.matchAll(/'(KTX_\w+)'/g)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => describeFailure(withCode(code, 'x')).code !== code)).toEqual([]);
  });

  it('keeps the next step of a CliError', () => {
    const failure = describeFailure(new CliError('KTX_ARGUMENT_INVALID', 'Wrong', 'Do it right'));
    expect(failure.next).toBe('Do it right');
  });

  it('distinguishes errors of the operating system from bugs', () => {
    const files = Object.assign(withCode('EMFILE', 'too many open files'), { syscall: 'open' });
    expect(describeFailure(files)).toEqual({
      code: 'KTX_LIMIT_REACHED',
      message: 'too many open files',
      next: 'Let this process open more files: ulimit -n 1024',
    });
    const full = Object.assign(withCode('ENOSPC', 'no space left on device'), { syscall: 'write' });
    expect(describeFailure(full).code).toBe('KTX_FILE_IO');
    expect(describeFailure(new RangeError('bug'))).toMatchObject({
      code: 'KTX_INTERNAL',
      message: 'Unexpected failure: bug',
    });
    expect(describeFailure('thrown text').message).toBe('Unexpected failure: thrown text');
  });
});

describe('printFailure', () => {
  it('prints the path of the daemon log if it is not empty', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'ktx-log-')));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    vi.stubEnv('KTX_RUNTIME_ROOT', root);
    onTestFinished(() => void vi.unstubAllEnvs());
    const log = join(root, packageVersion(), 'daemon.stderr.log');
    const printFailureText = async () => {
      const { io, stderr } = makeIo();
      await printFailure(io, false, withCode('KTX_CONNECTION_FAILED', 'Cannot read the connection x'));
      return stderr();
    };
    expect(await printFailureText()).not.toContain('Log:');
    await mkdir(dirname(log));
    await writeFile(log, '');
    expect(await printFailureText()).not.toContain('Log:');
    await writeFile(log, 'something');
    expect(await printFailureText()).toContain(`\nLog: ${log}\n`);
  });

  it('prints message and next step to stderr without --json', async () => {
    const { io, stdout, stderr } = makeIo();
    await printFailure(io, false, withCode('KTX_CONNECTION_UNKNOWN', 'Unknown connection x', 'See the others'));
    expect(stdout()).toBe('');
    expect(stderr()).toBe('Error: Unknown connection x\nNext: See the others\n');
  });

  it('also prints one JSON document to stdout with --json', async () => {
    const { io, stdout, stderr } = makeIo();
    await printFailure(io, true, withCode('KTX_CONNECTION_UNKNOWN', 'Unknown connection x', 'See the others'));
    expect(JSON.parse(stdout())).toEqual({
      error: { code: 'KTX_CONNECTION_UNKNOWN', message: 'Unknown connection x', hint: 'See the others' },
    });
    expect(stderr()).toContain('Error: Unknown connection x');
  });

  it('prints the stack only with KTX_DEBUG=1', async () => {
    const quiet = makeIo();
    const loud = makeIo({ env: { KTX_DEBUG: '1' } });
    const error = withCode('KTX_RUN_UNKNOWN', 'Unknown run');
    await printFailure(quiet.io, false, error);
    await printFailure(loud.io, false, error);
    expect(quiet.stderr()).not.toContain('errors.test.ts');
    expect(loud.stderr()).toContain('errors.test.ts');
  });
});
