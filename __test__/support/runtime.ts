import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type InstalledRuntimeManifest,
  type KtxRuntimeFeature,
  type ManagedPythonRuntimeLayout,
  managedPythonRuntimeLayout,
  type RuntimeAssetFile,
  type RuntimeAssetManifest,
  type RuntimeExec,
} from '@kaelio/ktx';
import { vi } from 'vitest';
import { temporaryFolder } from './temp.js';

/** Version of the command line in the tests. */
export const cliVersion = '0.2.0';

const wheelName = 'kaelio_ktx-0.1.0-py3-none-any.whl';

/** Creates a runtime root and an asset in temporary folders of the test. */
export function createRuntime() {
  const folder = temporaryFolder();
  const assetDir = join(folder, 'asset');
  const manifest = writeAsset(assetDir);
  const options = { cliVersion, runtimeRoot: join(folder, 'runtime'), assetDir };
  return {
    options,
    layout: managedPythonRuntimeLayout(options),
    asset: manifest,
    wheelPath: join(assetDir, wheelName),
  };
}

/** Writes a bundled asset: arbitrary bytes as the wheel, and a valid manifest with optional overrides. */
export function writeAsset(assetDir: string, overrides: Record<string, unknown> = {}): RuntimeAssetManifest {
  mkdirSync(assetDir, { recursive: true });
  const manifest = {
    schemaVersion: 1 as const,
    distributionName: 'kaelio-ktx' as const,
    normalizedName: 'kaelio_ktx' as const,
    version: '0.1.0',
    wheel: writeAssetFile(assetDir, wheelName, 'not really a wheel'),
    ...overrides,
  };
  writeFileSync(join(assetDir, 'manifest.json'), JSON.stringify(manifest));
  return manifest;
}

/** Writes one file of an asset and returns its entry in the manifest. */
export function writeAssetFile(assetDir: string, file: string, content: string | Buffer): RuntimeAssetFile {
  const bytes = Buffer.from(content as string);
  mkdirSync(assetDir, { recursive: true });
  writeFileSync(join(assetDir, file), bytes);
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** Mock of `exec` that creates the files of uv: the interpreter, then the executable of the daemon. */
export function fakeUv(layout: ManagedPythonRuntimeLayout) {
  return vi.fn<RuntimeExec>(async (_command, args) => {
    if (args[0] === 'venv') writeExecutable(join(args.at(-1) as string, relativePython(layout)));
    if (args[0] === 'pip') writeExecutable(join(dirname(args[3] as string), basename(layout.daemonPath)));
    return { stdout: args[0] === '--version' ? 'uv 0.9.0\n' : '', stderr: `did ${args[0]}\n` };
  });
}

/** Commands that an `exec` was called with. */
export const recordedCommands = (exec: ReturnType<typeof fakeUv>) =>
  exec.mock.calls.map(([command, args]) => [command, ...args]);

/** Writes the files of an installed runtime, with a script as its daemon. */
export function writeInstalledRuntime(
  { options, layout, asset }: ReturnType<typeof createRuntime>,
  features: KtxRuntimeFeature[] = ['core'],
  daemonScript?: string,
): InstalledRuntimeManifest {
  writeExecutable(layout.pythonPath);
  writeExecutable(layout.daemonPath, daemonScript);
  const manifest: InstalledRuntimeManifest = {
    schemaVersion: 1,
    cliVersion: options.cliVersion,
    installedAt: '2026-01-02T03:04:05.000Z',
    asset,
    features,
    python: { executable: layout.pythonPath, daemonExecutable: layout.daemonPath },
    installLog: layout.installLogPath,
  };
  writeFileSync(layout.manifestPath, JSON.stringify(manifest));
  return manifest;
}

/** Writes an executable script; by default it exits with 0. */
export function writeExecutable(path: string, script = '#!/bin/sh\nexit 0\n'): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

function relativePython(layout: ManagedPythonRuntimeLayout): string {
  return layout.pythonPath.slice(layout.venvDir.length + 1);
}
