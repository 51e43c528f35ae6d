/** npm registry with the packed package, and its dependencies as installed in the clone. */

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
  /** The packed file; without it the folder is packed on request. */
  tarball?: string;
  folder: string;
}

/** Handles a request of a package client. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Packs the package into `dir` with the release script, and serves it with its dependencies. */
export async function createNpmRegistry(dir: string): Promise<RequestHandler> {
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
      response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(versions, base)));
    } else {
      const requested = versions.find(({ manifest }) => tarball === `${manifest.version}.tgz`);
      response.end(await readFile(await tarballOf(requested, join(dir, 'tarballs'))));
    }
  };
}

function packument(versions: Published[], base: string) {
  const entries = versions.map(({ manifest }) => {
    const dist = { tarball: `${base}${manifest.version}.tgz` };
    return [manifest.version, { ...manifest, dist }] as const;
  });
  const newest = versions.at(-1)?.manifest;
  return { name: newest?.name, 'dist-tags': { latest: newest?.version }, versions: Object.fromEntries(entries) };
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

/** Packages of other platforms: clients read their manifests, and do not download them. */
async function otherPlatforms(packed: string): Promise<Published[]> {
  const packedNames = new Set(await readdir(packed));
  const names = (await readdir(join(PACKAGE_DIR, 'npm'))).filter((name) => !packedNames.has(name));
  const folders = names.map((name) => join(PACKAGE_DIR, 'npm', name));
  return Promise.all(folders.map(async (folder) => ({ manifest: await readManifest(folder), folder })));
}

async function dependencies(): Promise<Published[]> {
  const { packages } = JSON.parse(await readFile(join(PACKAGE_DIR, 'package-lock.json'), 'utf8'));
  const production = Object.entries(packages as Record<string, { dev?: true; devOptional?: true }>)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => join(PACKAGE_DIR, path));
  return Promise.all(production.map(async (folder) => ({ manifest: await readManifest(folder), folder })));
}

async function readManifest(folder: string): Promise<Published['manifest']> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

async function tarballOf(requested: Published | undefined, dir: string): Promise<string> {
  if (requested === undefined) throw new Error('A tarball of an unknown version was requested');
  if (requested.tarball !== undefined) return requested.tarball;
  const { name, version } = requested.manifest;
  const folder = join(dir, `${name.replace('/', '+')}-${version}`);
  await mkdir(folder, { recursive: true });
  await cp(requested.folder, join(folder, 'package'), { recursive: true });
  await run('tar', ['-czf', 'package.tgz', 'package'], { cwd: folder });
  return join(folder, 'package.tgz');
}
