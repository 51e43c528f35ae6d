// Regression: errors of the API had no stack frames, so that a host could not see which of its calls had failed.
import {
  createManagedDaemonSqlAnalysisPort,
  loadKtxProject,
  postManagedDaemonJson,
  verifyRuntimeAsset,
} from '@kaelio/ktx';
import { expect, it } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';

/** Frames of a stack, without its header. */
const framesOf = (error: Error) => error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];

async function callAddon(call: () => Promise<unknown>): Promise<unknown> {
  return await call();
}

const CALLS: [string, () => Promise<unknown>][] = [
  ['a function', () => loadKtxProject({ projectDir: '/nonexistent/project' })],
  ['a function that reads files', () => verifyRuntimeAsset({ assetDir: '/nonexistent/assets' })],
  ['a request', () => postManagedDaemonJson('http://127.0.0.1:1', '/sql/analyze-batch', {})],
  [
    'a method of a port',
    () => {
      const resolveBaseUrl = async () => 'http://127.0.0.1:1';
      return createManagedDaemonSqlAnalysisPort({ resolveBaseUrl }).analyzeForFingerprint('SELECT 1', 'postgres');
    },
  ],
];

it.each(CALLS)('an error of %s has the stack of its call', async (_, call) => {
  const error = await catchError(() => callAddon(call));
  const [first = ''] = framesOf(error);
  expect(error.stack?.split('\n')[0]).toBe(`Error: ${error.message}`);
  expect(first).toContain('stack.test.ts');
  expect(framesOf(error).join('\n')).toContain('callAddon');
  // Like that of any error it is not enumerable.
  expect(Object.keys(error)).not.toContain('stack');
});

it('an error of the host keeps its stack', async () => {
  const hostError = new Error('the host failed');
  const before = hostError.stack;
  const port = createManagedDaemonSqlAnalysisPort({ resolveBaseUrl: () => Promise.reject(hostError) });
  expect(await catchFailure(() => port.analyzeForFingerprint('SELECT 1', 'postgres'))).toBe(hostError);
  expect(hostError.stack).toBe(before);
});

it('a host may replace Error.prepareStackTrace', async () => {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites.length;
  try {
    const error = await catchError(() => callAddon(() => loadKtxProject({ projectDir: '/nonexistent/project' })));
    expect(error.message).toContain('/nonexistent/project');
  } finally {
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
});
