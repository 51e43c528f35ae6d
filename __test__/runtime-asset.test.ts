import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyRuntimeAsset } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { catchError } from './support/failure.js';
import { createRuntime, writeAsset, writeAssetFile } from './support/runtime.js';
import { temporaryFolder } from './support/temp.js';

describe('a valid asset', () => {
  it('is returned as its manifest and the path of the wheel', async () => {
    const { options, asset, wheelPath } = createRuntime();
    await expect(verifyRuntimeAsset(options)).resolves.toStrictEqual({ manifest: asset, wheelPath });
  });

  it('may have a lock file and unknown keys', async () => {
    const assetDir = temporaryFolder();
    const lock = writeAssetFile(assetDir, 'requirements.lock', 'sqlglot==1');
    writeAsset(assetDir, { lock, builtBy: 'someone' });
    const { manifest } = await verifyRuntimeAsset({ assetDir });
    expect(manifest.lock).toEqual(lock);
  });

  it('is hashed off the JavaScript thread', async () => {
    const assetDir = temporaryFolder();
    writeAsset(assetDir, { wheel: writeAssetFile(assetDir, 'big.whl', Buffer.alloc(48 * 1024 * 1024)) });
    let turns = 0;
    let done = false;
    const verified = verifyRuntimeAsset({ assetDir }).finally(() => (done = true));
    while (!done) {
      turns += 1;
      await new Promise(setImmediate);
    }
    await verified;
    expect(turns).toBeGreaterThan(10);
  });
});

describe('a wheel that does not match the manifest', () => {
  it('has a flipped byte', async () => {
    const { options, wheelPath } = createRuntime();
    const bytes = readFileSync(wheelPath);
    bytes[3] = (bytes[3] as number) ^ 1;
    writeFileSync(wheelPath, bytes);
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it.each(['', 'not really a wheel, but longer'])('has another size: %j', async (content) => {
    const { options, wheelPath } = createRuntime();
    writeFileSync(wheelPath, content);
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it('has the right hash and another size', async () => {
    const { options, asset, wheelPath } = createRuntime();
    writeAsset(options.assetDir, { wheel: { ...asset.wheel, bytes: asset.wheel.bytes + 1 } });
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it('is missing', async () => {
    const { options, wheelPath } = createRuntime();
    rmSync(wheelPath);
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_MISSING');
    expect(error.message).toContain(wheelPath);
  });

  it('is a folder', async () => {
    const { options, wheelPath } = createRuntime();
    rmSync(wheelPath);
    mkdirSync(wheelPath);
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.message).toContain(wheelPath);
  });

  it('is an error for the lock file as well', async () => {
    const assetDir = temporaryFolder();
    const lock = writeAssetFile(assetDir, 'requirements.lock', 'sqlglot==1');
    writeAsset(assetDir, { lock });
    writeFileSync(join(assetDir, 'requirements.lock'), 'sqlglot==2');
    const error = await catchError(() => verifyRuntimeAsset({ assetDir }));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toContain(join(assetDir, 'requirements.lock'));
  });
});

describe('a file name outside the asset folder', () => {
  it.each(['../evil.whl', 'sub/evil.whl', 'sub\\evil.whl', '/tmp/evil.whl', 'C:\\evil.whl', '..'])(
    '%s is rejected',
    async (file) => {
      const { options, asset } = createRuntime();
      writeAsset(options.assetDir, { wheel: { ...asset.wheel, file } });
      const error = await catchError(() => verifyRuntimeAsset(options));
      expect(error.code).toBe('KTX_ASSET_UNSAFE');
      expect(error.message).toBe(`Unsafe runtime wheel filename in bundled manifest: ${file}`);
    },
  );

  it('is rejected for the lock file as well', async () => {
    const { options, asset } = createRuntime();
    writeAsset(options.assetDir, { lock: { ...asset.wheel, file: '../requirements.lock' } });
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_UNSAFE');
    expect(error.message).toContain('../requirements.lock');
  });
});

describe('an invalid manifest', () => {
  const manifestPath = (assetDir: string) => join(assetDir, 'manifest.json');

  it('is missing: the error has the build command', async () => {
    const assetDir = join(temporaryFolder(), 'nowhere');
    const error = await catchError(() => verifyRuntimeAsset({ assetDir }));
    expect(error.code).toBe('KTX_ASSET_MISSING');
    expect(error.message).toContain(manifestPath(assetDir));
    expect(error.message).toMatch(/build/i);
  });

  it.each([
    ['truncated', (text: string) => text.slice(0, -20)],
    ['empty', () => ''],
    ['an array', (text: string) => `[${text}]`],
    ['null', () => 'null'],
    ['not UTF-8', () => Buffer.from([0x7b, 0xff, 0x7d])],
  ])('is %s: the error has its path and the build command', async (_why, modify) => {
    const { options } = createRuntime();
    const path = manifestPath(options.assetDir);
    writeFileSync(path, modify(readFileSync(path, 'utf8')));
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_INVALID');
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/build/i);
  });

  it.each([
    { wheel: undefined },
    { wheel: 'x.whl' },
    { wheel: { file: 'x.whl', bytes: 1 } },
    { wheel: { file: 'x.whl', sha256: 'aa', bytes: 'one' } },
    { version: 1 },
    { schemaVersion: undefined },
  ])('has %j: the error has its path and the build command', async (overrides) => {
    const { options } = createRuntime();
    writeAsset(options.assetDir, overrides);
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_INVALID');
    expect(error.message).toContain(manifestPath(options.assetDir));
    expect(error.message).toMatch(/build/i);
  });

  it('has a newer schema: the error reports that', async () => {
    const { options } = createRuntime();
    writeAsset(options.assetDir, { schemaVersion: 2, wheel: 'another shape' });
    const error = await catchError(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_NEWER');
    expect(error.message).toMatch(/newer|schema/i);
    expect(error.message).toContain(manifestPath(options.assetDir));
  });
});

it('an argument of the wrong type is a TypeError that names it', async () => {
  for (const options of [{}, { assetDir: 5 }]) {
    const call = async () => await verifyRuntimeAsset(options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('assetDir');
  }
});
