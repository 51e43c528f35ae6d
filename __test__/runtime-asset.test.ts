import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyRuntimeAsset } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { errorOf } from './support/failure.js';
import { freshRuntime, writeAsset, writeAssetFile } from './support/runtime.js';
import { temporaryFolder } from './support/temp.js';

describe('an asset that is right', () => {
  it('comes back with its manifest and the path of the wheel', async () => {
    const { options, asset, wheelPath } = freshRuntime();
    await expect(verifyRuntimeAsset(options)).resolves.toStrictEqual({ manifest: asset, wheelPath });
  });

  it('may name a lock file and hold unknown keys', async () => {
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

describe('a wheel that is not the one of the manifest', () => {
  it('because one byte is flipped', async () => {
    const { options, wheelPath } = freshRuntime();
    const bytes = readFileSync(wheelPath);
    bytes[3] = (bytes[3] as number) ^ 1;
    writeFileSync(wheelPath, bytes);
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it.each(['', 'not really a wheel, but longer'])('because its size is another: %j', async (content) => {
    const { options, wheelPath } = freshRuntime();
    writeFileSync(wheelPath, content);
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it('because the manifest has the right hash and a wrong size', async () => {
    const { options, asset, wheelPath } = freshRuntime();
    writeAsset(options.assetDir, { wheel: { ...asset.wheel, bytes: asset.wheel.bytes + 1 } });
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
  });

  it('because it is not there', async () => {
    const { options, wheelPath } = freshRuntime();
    rmSync(wheelPath);
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_MISSING');
    expect(error.message).toContain(wheelPath);
  });

  it('because it is a folder', async () => {
    const { options, wheelPath } = freshRuntime();
    rmSync(wheelPath);
    mkdirSync(wheelPath);
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.message).toContain(wheelPath);
  });

  it('holds for the lock file too', async () => {
    const assetDir = temporaryFolder();
    const lock = writeAssetFile(assetDir, 'requirements.lock', 'sqlglot==1');
    writeAsset(assetDir, { lock });
    writeFileSync(join(assetDir, 'requirements.lock'), 'sqlglot==2');
    const error = await errorOf(() => verifyRuntimeAsset({ assetDir }));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.message).toContain(join(assetDir, 'requirements.lock'));
  });
});

describe('a file name that leads out of the asset folder', () => {
  it.each(['../evil.whl', 'sub/evil.whl', 'sub\\evil.whl', '/tmp/evil.whl', 'C:\\evil.whl', '..'])(
    '%s is refused',
    async (file) => {
      const { options, asset } = freshRuntime();
      writeAsset(options.assetDir, { wheel: { ...asset.wheel, file } });
      const error = await errorOf(() => verifyRuntimeAsset(options));
      expect(error.code).toBe('KTX_ASSET_UNSAFE');
      expect(error.message).toBe(`Unsafe runtime wheel filename in bundled manifest: ${file}`);
    },
  );

  it('is refused for the lock file too', async () => {
    const { options, asset } = freshRuntime();
    writeAsset(options.assetDir, { lock: { ...asset.wheel, file: '../requirements.lock' } });
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_UNSAFE');
    expect(error.message).toContain('../requirements.lock');
  });
});

describe('a manifest that will not do', () => {
  const manifestOf = (assetDir: string) => join(assetDir, 'manifest.json');

  it('because it is not there: the error says how to build it', async () => {
    const assetDir = join(temporaryFolder(), 'nowhere');
    const error = await errorOf(() => verifyRuntimeAsset({ assetDir }));
    expect(error.code).toBe('KTX_ASSET_MISSING');
    expect(error.message).toContain(manifestOf(assetDir));
    expect(error.message).toMatch(/build/i);
  });

  it.each([
    ['truncated', (text: string) => text.slice(0, -20)],
    ['empty', () => ''],
    ['an array', (text: string) => `[${text}]`],
    ['null', () => 'null'],
    ['not UTF-8', () => Buffer.from([0x7b, 0xff, 0x7d])],
  ])('because it is %s: the error names it and says how to build it', async (_why, bend) => {
    const { options } = freshRuntime();
    const path = manifestOf(options.assetDir);
    writeFileSync(path, bend(readFileSync(path, 'utf8')));
    const error = await errorOf(() => verifyRuntimeAsset(options));
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
  ])('because it has %j: the error names it and says how to build it', async (replaced) => {
    const { options } = freshRuntime();
    writeAsset(options.assetDir, replaced);
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_INVALID');
    expect(error.message).toContain(manifestOf(options.assetDir));
    expect(error.message).toMatch(/build/i);
  });

  it('because its schema is newer: that is what the error says', async () => {
    const { options } = freshRuntime();
    writeAsset(options.assetDir, { schemaVersion: 2, wheel: 'another shape' });
    const error = await errorOf(() => verifyRuntimeAsset(options));
    expect(error.code).toBe('KTX_ASSET_NEWER');
    expect(error.message).toMatch(/newer|schema/i);
    expect(error.message).toContain(manifestOf(options.assetDir));
  });
});

it('an argument of the wrong type is a TypeError that names it', async () => {
  for (const options of [{}, { assetDir: 5 }]) {
    const call = async () => await verifyRuntimeAsset(options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('assetDir');
  }
});
