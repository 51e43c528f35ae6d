/** An npm registry with the packed package, and with its dependencies as they are installed in the clone. */

import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_DIR } from '../../support/ktx.js';

const run = promisify(execFile);

/** One version of one package. */
interface Published {
  manifest: { name: string; version: string };
  /** What was packed already; else it is packed from the folder when it is asked for. */
  tarball?: string;
  folder: string;
}

/** Answers a request of an npm client. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Packs the package with the script that releases use, into `dir`, and publishes it with all that it depends on. */
export async function createNpmRegistry(dir: string): Promise<Answer> {
  const packed = join(dir, 'packed');
  await run(process.execPath, [join(PACKAGE_DIR, 'scripts', 'pack.mjs'), '--output', packed], { maxBuffer: 2 ** 26 });
  const published = [...(await packedPackages(packed)), ...(await otherPlatforms(packed)), ...(await dependencies())];
  return async (request, response) => {
    const [name = '', tarball] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const versions = published.filter(({ manifest }) => manifest.name === name);
    if (versions.length === 0) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
    } else if (tarball === undefined) {
      const secure = 'encrypted' in request.socket;
      const base = `http${secure ? 's' : ''}://${request.headers.host}/${name}/-/`;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(description(versions, base)));
    } else {
      const wanted = versions.find(({ manifest }) => tarball === `${manifest.version}.tgz`);
      response.end(await readFile(await tarballOf(wanted, join(dir, 'tarballs'))));
    }
  };
}

function description(versions: Published[], base: string) {
  const described = versions.map(({ manifest }) => {
    const dist = { tarball: `${base}${manifest.version}.tgz` };
    return [manifest.version, { ...manifest, dist }] as const;
  });
  const newest = versions.at(-1)?.manifest;
  return { name: newest?.name, 'dist-tags': { latest: newest?.version }, versions: Object.fromEntries(described) };
}

async function packedPackages(packed: string): Promise<Published[]> {
  const folders = (await readdir(packed, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return Promise.all(
    folders.map(async ({ name }) => {
      const folder = join(packed, name);
      const manifest = await readManifest(folder);
      const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
      return { manifest, folder, tarball: join(packed, file) };
    }),
  );
}

/** A client reads what these are for, and leaves them alone. */
async function otherPlatforms(packed: string): Promise<Published[]> {
  const here = new Set(await readdir(packed));
  const names = (await readdir(join(PACKAGE_DIR, 'npm'))).filter((name) => !here.has(name));
  const folders = names.map((name) => join(PACKAGE_DIR, 'npm', name));
  return Promise.all(folders.map(async (folder) => ({ manifest: await readManifest(folder), folder })));
}

async function dependencies(): Promise<Published[]> {
  const { packages } = JSON.parse(await readFile(join(PACKAGE_DIR, 'package-lock.json'), 'utf8'));
  const needed = Object.entries(packages as Record<string, { dev?: true; devOptional?: true }>)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => join(PACKAGE_DIR, path));
  return Promise.all(needed.map(async (folder) => ({ manifest: await readManifest(folder), folder })));
}

async function readManifest(folder: string): Promise<Published['manifest']> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

async function tarballOf(wanted: Published | undefined, dir: string): Promise<string> {
  if (wanted === undefined) throw new Error('A tarball of no version was asked for');
  if (wanted.tarball !== undefined) return wanted.tarball;
  const { name, version } = wanted.manifest;
  const place = join(dir, `${name.replace('/', '+')}-${version}`);
  await mkdir(place, { recursive: true });
  await cp(wanted.folder, join(place, 'package'), { recursive: true });
  await run('tar', ['-czf', 'package.tgz', 'package'], { cwd: place });
  return join(place, 'package.tgz');
}
