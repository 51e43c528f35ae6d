// Local npm registry with packed tarballs, which also accepts `npm publish`: unpublished packages resolve as they will for
// users. Clients use it for one scope, and their usual registry for everything else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { root } from './steps.mjs';
import { tarballsIn } from './tarball.mjs';

/** Starts a registry; the last tarball of a package is its latest version. Returns `url`, `packages` by name, `close`. */
export async function startRegistry(tarballs = []) {
  const packages = new Map();
  const files = new Map();
  const server = http.createServer((request, response) => {
    handleRequest(request, { packages, files }).then(
      ([status, body]) => response.writeHead(status, { 'content-type': contentType(body) }).end(encode(body)),
      (error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  for (const [index, file] of tarballs.entries()) {
    const content = readFileSync(file);
    files.set(`/files/${index}.tgz`, content);
    addVersion(packages, readManifest(file), { tarball: `${url}files/${index}.tgz`, ...digests(content) });
  }
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, packages, close };
}

/** Starts a registry with the output of scripts/pack.mjs. Packages of platforms that were not built have no binary. */
export async function startPackedRegistry(folder) {
  const base = mkdtempSync(path.join(os.tmpdir(), 'ktx-registry-'));
  try {
    const empty = readdirSync(path.join(root, 'npm')).map((platform) => packEmpty(platform, base));
    const registry = await startRegistry([...empty, ...tarballsIn(folder)]);
    const main = registry.packages.get('@kaelio/ktx');
    if (!main) throw new Error(`There is no package in ${folder}. Run: node scripts/pack.mjs`);
    return { ...registry, version: main['dist-tags'].latest };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function packEmpty(platform, base) {
  const file = path.join(base, `${platform}.tgz`);
  const inside = path.join(base, platform);
  cpSync(path.join(root, 'npm', platform), path.join(inside, 'package'), { recursive: true });
  const { status, stderr } = spawnSync('tar', ['-czf', file, '-C', inside, 'package'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${platform} could not be packed: ${stderr}`);
  return file;
}

/** Reads the `package.json` of a tarball. */
export function readManifest(tarball) {
  const { status, stdout, stderr } = spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tarball} is not a package: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

function addVersion(packages, manifest, dist) {
  const { name, version } = manifest;
  packages.set(name, {
    name,
    'dist-tags': { latest: version },
    // Package managers may reject versions that were published recently.
    time: { [version]: '2020-01-01T00:00:00.000Z' },
    versions: { ...packages.get(name)?.versions, [version]: { ...manifest, dist } },
  });
}

function digests(content) {
  const digest = (algorithm, encoding) => createHash(algorithm).update(content).digest(encoding);
  return { integrity: `sha512-${digest('sha512', 'base64')}`, shasum: digest('sha1', 'hex') };
}

async function handleRequest(request, { packages, files }) {
  const pathname = decodeURIComponent(request.url.split('?')[0]);
  if (request.method === 'PUT') return publish(await json(request), packages);
  const found = files.get(pathname) ?? packages.get(pathname.slice(1));
  return found === undefined ? [404, { error: 'not_found' }] : [200, found];
}

/** Handles `npm publish`, which sends the packument of one version with the tarball. */
function publish({ name, versions, 'dist-tags': tags }, packages) {
  const existing = packages.get(name) ?? { name, 'dist-tags': {}, versions: {} };
  if (Object.keys(versions).some((version) => version in existing.versions)) return [409, { error: 'conflict' }];
  const merged = { ...existing.versions, ...versions };
  packages.set(name, { name, 'dist-tags': { ...existing['dist-tags'], ...tags }, versions: merged });
  return [201, { ok: true }];
}

function contentType(body) {
  return Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
}

function encode(body) {
  return Buffer.isBuffer(body) ? body : JSON.stringify(body);
}
