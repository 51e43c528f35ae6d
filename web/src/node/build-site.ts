/** Writes the pages as a folder of static files. */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KtxProject } from '@kaelio/ktx';
import { pathOf } from '../site/route.js';
import { ASSETS, readAsset } from './assets.js';
import { LoadContext } from './context.js';
import { listRoutes } from './find-route.js';
import { STATIC_POLICY } from './policy.js';
import { renderPage } from './render.js';

/** What is written, and where. */
export interface BuildOptions {
  project: KtxProject;
  environment?: string | undefined;
  /** Absolute path of the folder: a new one, an empty one, or one that this function wrote. */
  folder: string;
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal | undefined;
}

/** Result of {@link buildSite}. */
export interface BuiltSite {
  folder: string;
  pages: number;
  bytes: number;
}

/** File by which a later build recognises a folder. */
const MARKER = '.ktx-docs.json';

/** The folder has files that no build has written. */
export class ForeignFolderError extends Error {}

/** Writes all pages to a new folder beside the target, which then takes its place. */
export async function buildSite(options: BuildOptions): Promise<BuiltSite> {
  const { folder } = options;
  const replaced = await isReplaceable(folder);
  await mkdir(path.dirname(folder), { recursive: true });
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    const written = await writeSite(options, temporary);
    options.signal?.throwIfAborted();
    if (replaced) await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return { folder, ...written };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whether there is a folder that may be replaced. Rejects if there is one that may not. */
async function isReplaceable(folder: string): Promise<boolean> {
  try {
    const names = await readdir(folder);
    if (names.length === 0 || names.includes(MARKER)) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw new ForeignFolderError(`${folder} has files that are not of an earlier build`);
}

async function writeSite(options: BuildOptions, folder: string): Promise<{ pages: number; bytes: number }> {
  const { project, environment, onProgress, signal } = options;
  const context = new LoadContext(project, environment);
  const generatedAt = new Date().toISOString();
  const routes = await listRoutes(context);
  let bytes = 0;
  const write = async (name: string, content: string | Buffer) => {
    const file = path.join(folder, ...name.split('/'));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { flag: 'wx' });
    bytes += Buffer.byteLength(content);
  };
  const rendering = { live: false, generatedAt, contentSecurityPolicy: STATIC_POLICY };
  for (const [index, route] of routes.entries()) {
    signal?.throwIfAborted();
    await write(pathOf(route), await renderPage(context, route, rendering));
    onProgress?.({ done: index + 1, total: routes.length });
  }
  for (const name of Object.keys(ASSETS)) {
    if (name !== 'sign-in.js') await write(`assets/${name}`, await readAsset(name));
  }
  await write(MARKER, `${JSON.stringify({ generatedAt, pages: routes.length })}\n`);
  return { pages: routes.length, bytes };
}
