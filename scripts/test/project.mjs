// Minimal project for release tests: a git repository with packed packages and no build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../lib/steps.mjs';
import { digest, readJson, tarballsIn } from '../lib/tarball.mjs';

export const VERSION = '0.3.0';
export const MAIN = '@kaelio/ktx';
export const PLATFORM = '@kaelio/ktx-darwin-arm64';

const BINARY = 'ktx.darwin-arm64.node';
const ASSETS = 'main/assets/python';
const WHEEL = 'kaelio_ktx-0.3.0-py3-none-any.whl';

/** Creates a project that can be published, or copies one. */
export function createProject(original) {
  const base = mkdtempSync(path.join(os.tmpdir(), 'ktx-release-'));
  const folder = path.join(base, 'a project');
  const project = {
    folder,
    dist: path.join(folder, 'dist'),
    write: (file, content) => write(path.join(folder, file), content),
    change: (file, modify) => {
      const content = readJson(path.join(folder, file));
      modify(content);
      write(path.join(folder, file), content);
    },
    commit() {
      git(folder, 'add', '--all');
      git(folder, 'commit', '--quiet', '--message', 'Release');
      git(folder, 'tag', '--force', `v${VERSION}`);
    },
    pack: () => pack(folder),
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 10 }),
  };
  if (original) cpSync(original.folder, folder, { recursive: true });
  else fill(project);
  return project;
}

function fill(project) {
  const manifest = { name: MAIN, version: VERSION };
  const files = {
    'package.json': manifest,
    'package-lock.json': { ...manifest, lockfileVersion: 3, packages: { '': manifest } },
    'Cargo.toml': `version = "${VERSION}"\n`,
    'Cargo.lock': `name = "ktx"\nversion = "${VERSION}"\n`,
    'python-runtime/pyproject.toml': `version = "${VERSION}"\n`,
    'python-runtime/src/ktx_daemon/__init__.py': `__version__ = "${VERSION}"\n`,
    'npm/darwin-arm64/package.json': { name: PLATFORM, version: VERSION },
    'plugin/.claude-plugin/plugin.json': manifest,
    'plugin/gemini-extension.json': manifest,
    'server.json': { ...manifest, packages: [{ version: VERSION }] },
    'README.md': `cliVersion: '${VERSION}'\n`,
    'CHANGELOG.md': `# Changelog\n\n## ${VERSION} (2026-12-01)\n\n- Something new.\n\n## 0.2.0\n\n- Something old.\n`,
    'release-policy.json': createPolicy(),
    'scripts/smoke.mjs': "import { readdirSync } from 'node:fs';\nreaddirSync(process.argv[3]);\n",
    '.gitignore': '/dist/\n/main/\n/platform/\n',
    'main/package.json': { ...manifest, main: 'index.js', files: ['assets'], dependencies: { commander: '^14.0.0' } },
    'main/index.js': '',
    'platform/package.json': { name: PLATFORM, version: VERSION, main: BINARY, files: [BINARY] },
    [`platform/${BINARY}`]: 'a binary',
    [`${ASSETS}/${WHEEL}`]: 'a wheel',
    [`${ASSETS}/requirements.lock`]: 'a lock',
    [`${ASSETS}/manifest.json`]: {
      version: VERSION,
      wheel: fileEntry(WHEEL, 'a wheel'),
      lock: fileEntry('requirements.lock', 'a lock'),
    },
  };
  for (const packed of ['main', 'platform'])
    for (const name of ['LICENSE', 'README.md']) files[`${packed}/${name}`] = 'x';
  for (const [file, content] of Object.entries(files)) project.write(file, content);
  project.pack();
  git(project.folder, 'init', '--quiet');
  project.commit();
}

/** Policy of this repository, for one platform and without provenance. */
function createPolicy() {
  const policy = readJson(path.join(root, 'release-policy.json'));
  return { ...policy, platforms: ['darwin-arm64'], provenance: false };
}

function pack(folder) {
  const dist = path.join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const name of ['main', 'platform'])
    must('npm', ['pack', '--silent', '--pack-destination', dist], path.join(folder, name));
  const sums = tarballsIn(dist).map((file) => `${digest(file)}  ${path.basename(file)}\n`);
  write(path.join(dist, 'SHA256SUMS'), sums.join(''));
}

function fileEntry(file, content) {
  return { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
}

function git(folder, ...args) {
  must('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], folder);
}

function must(command, args, cwd) {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, shell, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}
