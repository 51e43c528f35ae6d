/** A server of static files, as any host of them. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A running server. */
export interface PageServer {
  /** URL of the root of the site, with a slash at its end. */
  url: string;
  /** URL that signs a browser in. */
  signInUrl(): Promise<string>;
  stop(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Path of the site on the static host, which is not its root. */
const STATIC_PATH = '/team/docs/';

/** Serves a folder below a path, without any rules but the types of files. */
export async function serveFolder(folder: string): Promise<PageServer> {
  const server = createServer(async (req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    const name = decodeURIComponent(pathname.slice(STATIC_PATH.length)) || 'index.html';
    try {
      const content = await readFile(path.join(folder, name));
      res.writeHead(200, { 'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream' }).end(content);
    } catch {
      res.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${STATIC_PATH}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, signInUrl: async () => url, stop };
}
