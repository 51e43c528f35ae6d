import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { runNode } from './support/child.js';
import { packageDir } from './support/package.js';
import { temporaryFolder } from './support/temp.js';

const platform = `${process.platform}-${process.arch}`;
const platforms = readdirSync(join(packageDir, 'npm')).map((name) => `@kaelio/ktx-${name}`);

interface Failure {
  code: string;
  message: string;
  hint: string;
  cause: string;
}

/** Imports a copy of the package without a binary, and returns its error; `before` runs first. */
async function importWithoutBinary({ packed = true, before = '', binary = '' } = {}): Promise<Failure> {
  const copy = join(temporaryFolder(), 'copy');
  mkdirSync(copy);
  for (const name of ['index.js', 'native.js', 'missing-binary.js']) {
    copyFileSync(join(packageDir, name), join(copy, name));
  }
  const manifest = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  // As scripts/pack.mjs writes it.
  if (packed) manifest.optionalDependencies = Object.fromEntries(platforms.map((name) => [name, manifest.version]));
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest));
  for (const name of binary ? platforms : []) {
    writeFileSync(join(copy, `${name.replace('@kaelio/ktx-', 'ktx.')}.node`), binary);
  }
  const { stdout, stderr } = await runNode(`${before}
    await import(${JSON.stringify(String(pathToFileURL(join(copy, 'index.js'))))}).catch(({ cause, code, hint, message }) =>
      console.log(JSON.stringify({ code, message, hint, cause: cause.message })));`);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('reports the platform, the missing package and the likely causes', async () => {
  const { code, message, hint, cause } = await importWithoutBinary();
  const missing = platforms.find((name) => message.includes(`the package ${name} is missing`));
  expect(code).toBe('KTX_BINARY_UNAVAILABLE');
  expect(missing).toContain(`ktx-${platform}`);
  expect(message).toBe(
    `The binary of @kaelio/ktx for ${platform} is not installed: the package ${missing} is missing, since ` +
      'optional dependencies were left out (--omit=optional), or node_modules or the lock file come from another ' +
      'platform',
  );
  expect(hint).toBe('Remove node_modules and the lock file, and run: npm install --include=optional @kaelio/ktx');
  expect(cause).toContain('Cannot find native binding');
});

it.runIf(process.platform === 'linux')('prefers the report of Node to /usr/bin/ldd', async () => {
  // musl-tools and AppImages install an ldd of musl on systems with glibc.
  const before = (report: string) => `
    const { default: fs } = await import('node:fs');
    const { readFileSync } = fs;
    fs.readFileSync = (file, ...rest) => (file === '/usr/bin/ldd' ? 'musl libc' : readFileSync(file, ...rest));
    process.report.getReport = () => ${report};`;
  const messageFor = async (report: string) => (await importWithoutBinary({ before: before(report) })).message;
  const glibc = `linux-${process.arch}-gnu`;
  const musl = `linux-${process.arch}-musl`;
  expect(await messageFor("({ header: { glibcVersionRuntime: '2.36' } })")).toContain(
    `the package @kaelio/ktx-${glibc} is`,
  );
  const muslReport = "({ header: {}, sharedObjects: ['/lib/ld-musl-x86_64.so.1'] })";
  expect(await messageFor(muslReport)).toContain(`the package @kaelio/ktx-${musl} is`);
  // Without a report the file decides.
  expect(await messageFor('null')).toContain(`the package @kaelio/ktx-${musl} is`);
});

it('reports how to build it in a clone', async () => {
  const { message, hint } = await importWithoutBinary({ packed: false });
  expect(message).toBe(`The binary of @kaelio/ktx for ${platform} is not built`);
  expect(hint).toBe('Run: npm run build');
});

it('reports that no binary is published for the platform', async () => {
  const before = "Object.defineProperty(process, 'arch', { value: 'riscv64' });";
  const { message, hint } = await importWithoutBinary({ before });
  expect(message).toBe(`There is no binary of @kaelio/ktx for ${process.platform}-riscv64`);
  expect(hint).toBe('Build the package from its source there');
});

it('quotes the loader error of the system', async () => {
  const { code, message, hint } = await importWithoutBinary({ binary: 'not a library' });
  expect(code).toBe('KTX_BINARY_UNAVAILABLE');
  expect(message).toMatch(new RegExp(`^The binary of @kaelio/ktx for ${platform} does not load: .+`));
  expect(hint).toBe('Install the package again');
});
