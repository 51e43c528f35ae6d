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

/** Every export that the contract names. */
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

/** Every function and constant that the types declare. */
function declaredExports(): string[] {
  const types = readFileSync(join(packageDir, 'index.d.ts'), 'utf8');
  return [...types.matchAll(/^export (?:function|const|class) (\w+)/gm)].map((match) => match[1] as string).sort();
}

describe('exports', () => {
  const required = requireInPackage('@kaelio/ktx') as Package;

  it('of the contract are all declared', () => {
    expect(declaredExports()).toEqual(expect.arrayContaining(contractExports));
  });

  it('are those that the types declare, by require', () => {
    expect(Object.keys(required).sort()).toEqual(declaredExports());
  });

  it('are those that the types declare, by named import', () => {
    const names = Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports');
    expect(names.sort()).toEqual(declaredExports());
  });

  it.each(declaredExports())('%s is the same by require and by import, and of the declared kind', (name) => {
    const value = required[name as keyof Package];
    expect(Reflect.get(imported, name)).toBe(value);
    expect(typeof value).toBe(name === 'MISSING_UV_RUNTIME_INSTALL_MESSAGE' ? 'string' : 'function');
  });

  it('can be linked by name in an ES module', async () => {
    const source = `import { ${declaredExports().join(', ')} } from '@kaelio/ktx'; console.log(typeof ${contractExports.at(-1)})`;
    expect(await runNode(source)).toEqual({ code: 0, signal: null, stdout: 'function\n', stderr: '' });
  });
});

describe('a second copy of the package', () => {
  it('works beside the first one', async () => {
    const copy = copyOfPackage();
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

  it('several at once get their answers and end by themselves', async () => {
    const server = await httpServer((request, response) => response.end(request.body));
    const workers = [1, 2, 3].map((n) =>
      startWorker(
        `${prelude} ktx.postManagedDaemonJson(workerData.url, '/x', { n: ${n} }).then((a) => parentPort.postMessage(a));`,
        server.baseUrl,
      ),
    );
    const ends = await Promise.all(workers.map((worker) => ended(worker)));
    expect(ends).toEqual([1, 2, 3].map((n) => ({ messages: [{ n }], code: 0 })));
  });

  it('call back into JavaScript in their own thread', async () => {
    const source = `${prelude}
      const io = { stdout: process.stdout, stderr: { write: (text) => parentPort.postMessage(text) } };
      ktx.createManagedPythonDaemonBaseUrlResolver({ cliVersion: '1.0.0', installPolicy: 'never', io,
        ensureRuntime: async () => ({}), startDaemon: async () => ({ status: 'reused', baseUrl: workerData.url }) })();`;
    expect(await ended(startWorker(source, 'http://127.0.0.1:9'))).toEqual({
      messages: ['Using existing KTX Python daemon: http://127.0.0.1:9\n'],
      code: 0,
    });
  });

  it('may be terminated with a request under way, and everyone else goes on', async () => {
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

/** Copies what a user has of the package: the entry, its neighbours and the binary. */
function copyOfPackage(): string {
  const copy = join(temporaryFolder(), 'copy');
  mkdirSync(copy);
  const wanted = /^(index\.js|native\.js|package\.json|.*\.node)$/;
  for (const name of readdirSync(packageDir).filter((each) => wanted.test(each))) {
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

async function ended(worker: Worker): Promise<{ messages: unknown[]; code: number }> {
  const messages: unknown[] = [];
  return await new Promise((resolve, reject) => {
    worker.on('message', (message) => messages.push(message));
    worker.on('error', reject);
    worker.on('exit', (code) => resolve({ messages, code }));
  });
}
