// A small npm registry on 127.0.0.1 that has packed tarballs and takes what is published: so packages resolve as they
// will for users, without being public. A client asks it for one scope only and its usual registry for everything else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { root } from './steps.mjs';
import { tarballsIn } from './tarball.mjs';

/** Starts one with these tarballs, the later of the same package winning. Gives URL, `packages` by name, and `close`. */
export async function startRegistry(tarballs = []) {
  const packages = new Map();
  const files = new Map();
  const server = http.createServer((request, response) => {
    answer(request, { packages, files }).then(
      ([status, body]) => response.writeHead(status, { 'content-type': typeOf(body) }).end(encoded(body)),
      (error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  for (const [index, file] of tarballs.entries()) {
    const content = readFileSync(file);
    files.set(`/files/${index}.tgz`, content);
    add(packages, manifestOf(file), { tarball: `${url}files/${index}.tgz`, ...digests(content) });
  }
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, packages, close };
}

/** One with what scripts/pack.mjs left in a folder. Packages of platforms that were not built have no binary. */
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

/** The `package.json` inside a tarball. */
export function manifestOf(tarball) {
  const { status, stdout, stderr } = spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tarball} is no package: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

function add(packages, manifest, dist) {
  const { name, version } = manifest;
  packages.set(name, {
    name,
    'dist-tags': { latest: version },
    // Package managers refuse what was published a moment ago.
    time: { [version]: '2020-01-01T00:00:00.000Z' },
    versions: { ...packages.get(name)?.versions, [version]: { ...manifest, dist } },
  });
}

function digests(content) {
  const digest = (algorithm, encoding) => createHash(algorithm).update(content).digest(encoding);
  return { integrity: `sha512-${digest('sha512', 'base64')}`, shasum: digest('sha1', 'hex') };
}

async function answer(request, { packages, files }) {
  const place = decodeURIComponent(request.url.split('?')[0]);
  if (request.method === 'PUT') return publish(await json(request), packages);
  const found = files.get(place) ?? packages.get(place.slice(1));
  return found === undefined ? [404, { error: 'not_found' }] : [200, found];
}

/** What `npm publish` sends: the packument of one version, with the tarball attached. */
function publish({ name, versions, 'dist-tags': tags }, packages) {
  const known = packages.get(name) ?? { name, 'dist-tags': {}, versions: {} };
  if (Object.keys(versions).some((version) => version in known.versions)) return [409, { error: 'conflict' }];
  const merged = { ...known.versions, ...versions };
  packages.set(name, { name, 'dist-tags': { ...known['dist-tags'], ...tags }, versions: merged });
  return [201, { ok: true }];
}

function typeOf(body) {
  return Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
}

function encoded(body) {
  return Buffer.isBuffer(body) ? body : JSON.stringify(body);
}
