import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as imported from '@kaelio/ktx';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runNode } from './support/child.js';
import { packageDir, requireInPackage } from './support/package.js';
import { httpServer, jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

type Package = typeof import('@kaelio/ktx');

/** Every export of the contract. */
const contractExports = [
  'MISSING_UV_RUNTIME_INSTALL_MESSAGE',
  'ManagedPythonDaemonStartError',
  'allocateDaemonPort',
  'createLazyManagedPythonSemanticLayerComputePort',
  'createManagedDaemonHttpJsonRunner',
  'createManagedDaemonLookerTableIdentifierParser',
  'createManagedDaemonSqlAnalysisPort',
  'createManagedPythonDaemonBaseUrlResolver',
  'createManagedPythonSemanticLayerComputePort',
  'doctorManagedPythonRuntime',
  'ensureManagedLocalEmbeddingsDaemon',
  'ensureManagedPythonCommandRuntime',
  'ensureManagedUv',
  'installManagedPythonRuntime',
  'managedDaemonDatabaseIntrospectionOptions',
  'managedLocalEmbeddingHealthConfig',
  'managedLocalEmbeddingProjectConfig',
  'managedPythonDaemonLayout',
  'managedPythonRuntimeLayout',
  'managedRuntimeInstallCommand',
  'managedUvPath',
  'postManagedDaemonJson',
  'pruneManagedPythonRuntimes',
  'readManagedPythonDaemonStatus',
  'readManagedPythonRuntimeStatus',
  'runtimeInstallPolicyFromFlags',
  'startManagedPythonDaemon',
  'stopManagedPythonDaemon',
  'tryUseManagedLocalEmbeddingsDaemon',
  'verifyRuntimeAsset',
];

/** Lists the functions and constants that the types declare. */
function listDeclaredExports(): string[] {
  const types = readFileSync(join(packageDir, 'index.d.ts'), 'utf8');
  return [...types.matchAll(/^export (?:function|const|class) (\w+)/gm)].map((match) => match[1] as string).sort();
}

describe('exports', () => {
  const required = requireInPackage('@kaelio/ktx') as Package;

  it('of the contract are all declared', () => {
    expect(listDeclaredExports()).toEqual(expect.arrayContaining(contractExports));
  });

  it('by require equal the declared ones', () => {
    expect(Object.keys(required).sort()).toEqual(listDeclaredExports());
  });

  it('by named import equal the declared ones', () => {
    const names = Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports');
    expect(names.sort()).toEqual(listDeclaredExports());
  });

  it.each(listDeclaredExports())('%s is the same by require and by import, with the declared type', (name) => {
    const value = required[name as keyof Package];
    expect(Reflect.get(imported, name)).toBe(value);
    expect(typeof value).toBe(name === 'MISSING_UV_RUNTIME_INSTALL_MESSAGE' ? 'string' : 'function');
  });

  it('support named imports in an ES module', async () => {
    const source = `import { ${listDeclaredExports().join(', ')} } from '@kaelio/ktx'; console.log(typeof ${contractExports.at(-1)})`;
    expect(await runNode(source)).toEqual({ code: 0, signal: null, stdout: 'function\n', stderr: '' });
  });
});

describe('a second copy of the package', () => {
  it('works in the same process as the first one', async () => {
    const copy = copyPackage();
    const second = createRequire(pathToFileURL(join(copy, 'x.js')))(copy) as Package;
    expect(second.postManagedDaemonJson).not.toBe(imported.postManagedDaemonJson);
    const server = await jsonServer({ ok: true });
    const answers = [second, imported, second].map((each) => each.postManagedDaemonJson(server.baseUrl, '/x', {}));
    await expect(Promise.all(answers)).resolves.toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    const { assetDir } = second.managedPythonRuntimeLayout({ cliVersion: '1.0.0' });
    expect(assetDir).toBe(join(copy, 'assets', 'python'));
  });
});

describe('worker threads', () => {
  const prelude = `
    const { parentPort, workerData } = require('node:worker_threads');
    const ktx = require('node:module').createRequire(workerData.packageJson)('@kaelio/ktx');`;

  it('make requests concurrently and exit by themselves', async () => {
    const server = await httpServer((request, response) => response.end(request.body));
    const workers = [1, 2, 3].map((n) =>
      startWorker(
        `${prelude} ktx.postManagedDaemonJson(workerData.url, '/x', { n: ${n} }).then((a) => parentPort.postMessage(a));`,
        server.baseUrl,
      ),
    );
    const results = await Promise.all(workers.map((worker) => waitForExit(worker)));
    expect(results).toEqual([1, 2, 3].map((n) => ({ messages: [{ n }], code: 0 })));
  });

  it('receive callbacks in their own thread', async () => {
    const source = `${prelude}
      const io = { stdout: process.stdout, stderr: { write: (text) => parentPort.postMessage(text) } };
      ktx.createManagedPythonDaemonBaseUrlResolver({ cliVersion: '1.0.0', installPolicy: 'never', io,
        ensureRuntime: async () => ({}), startDaemon: async () => ({ status: 'reused', baseUrl: workerData.url }) })();`;
    expect(await waitForExit(startWorker(source, 'http://127.0.0.1:9'))).toEqual({
      messages: ['Using existing KTX Python daemon: http://127.0.0.1:9\n'],
      code: 0,
    });
  });

  it('can be terminated with a request in flight, without effect on others', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/answer') response.end('{"ok":true}');
    });
    for (let round = 1; round <= 5; round += 1) {
      const worker = startWorker(`${prelude} ktx.postManagedDaemonJson(workerData.url, '/never', {});`, server.baseUrl);
      await vi.waitFor(() => expect(server.requests.filter(({ url }) => url === '/never')).toHaveLength(round), {
        timeout: 20_000,
      });
      await worker.terminate();
      await expect(imported.postManagedDaemonJson(server.baseUrl, '/answer', {})).resolves.toEqual({ ok: true });
    }
  });
});

/** Copies the entry points and the binary of the package. */
function copyPackage(): string {
  const copy = join(temporaryFolder(), 'copy');
  mkdirSync(copy);
  const published = /^(index\.js|native\.js|package\.json|.*\.node)$/;
  for (const name of readdirSync(packageDir).filter((each) => published.test(each))) {
    cpSync(join(packageDir, name), join(copy, name));
  }
  return copy;
}

function startWorker(source: string, url: string): Worker {
  const workerData = { url, packageJson: join(packageDir, 'package.json') };
  const worker = new Worker(source, { eval: true, workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  return worker;
}

async function waitForExit(worker: Worker): Promise<{ messages: unknown[]; code: number }> {
  const messages: unknown[] = [];
  return await new Promise((resolve, reject) => {
    worker.on('message', (message) => messages.push(message));
    worker.on('error', reject);
    worker.on('exit', (code) => resolve({ messages, code }));
  });
}
