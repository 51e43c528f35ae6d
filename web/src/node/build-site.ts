/** Writes the pages as a folder of static files. */

import type { KtxProject } from '@kaelio/ktx';
import { pathOf } from '../site/route.js';
import { INDEX_FILE } from '../site/search-index.js';
import { ASSETS, readAsset } from './assets.js';
import { LoadContext } from './context.js';
import { listRoutes } from './find-route.js';
import { type LeftOut, listLeftOut } from './left-out.js';
import { STATIC_POLICY } from './policy.js';
import { renderPage } from './render.js';
import { searchIndexScript } from './search-index.js';
import { StaticFolder } from './static-folder.js';

/** What is written, and where. */
export interface BuildOptions {
  project: KtxProject;
  environment?: string | undefined;
  /** Absolute path of the folder: a new one, an empty one, or one of an earlier build. */
  folder: string;
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal | undefined;
}

/** Result of {@link buildSite}. */
export interface BuiltSite {
  folder: string;
  pages: number;
  bytes: number;
  /** Parts of the project that have no pages, as they cannot be read. */
  leftOut: LeftOut[];
}

/** Writes all pages. Rejects with `ForeignFolderError` if files of others are in the way; then nothing is changed. */
export async function buildSite(options: BuildOptions): Promise<BuiltSite> {
  const folder = await StaticFolder.open(options.folder);
  try {
    const written = await writeSite(options, folder);
    options.signal?.throwIfAborted();
    await folder.commit();
    return { folder: options.folder, ...written };
  } finally {
    await folder.close();
  }
}

async function writeSite(options: BuildOptions, folder: StaticFolder): Promise<Omit<BuiltSite, 'folder'>> {
  const { project, environment, onProgress, signal } = options;
  const context = new LoadContext(project, environment, false);
  const rendering = {
    live: false,
    generatedAt: new Date().toISOString(),
    contentSecurityPolicy: STATIC_POLICY,
  };
  let bytes = 0;
  const write = async (name: string, content: string | Buffer) => {
    await folder.write(name, content);
    bytes += Buffer.byteLength(content);
  };
  const routes = await listRoutes(context);
  for (const [index, route] of routes.entries()) {
    signal?.throwIfAborted();
    await write(pathOf(route), await renderPage(context, route, rendering));
    onProgress?.({ done: index + 1, total: routes.length });
  }
  for (const name of Object.keys(ASSETS)) {
    if (name !== 'sign-in.js') await write(`assets/${name}`, await readAsset(name));
  }
  await write(`assets/${INDEX_FILE}`, await searchIndexScript(context));
  return { pages: routes.length, bytes, leftOut: await listLeftOut(context) };
}
