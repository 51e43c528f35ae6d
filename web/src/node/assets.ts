/** Files that all pages use. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Content types of the files, by their names. */
export const ASSETS: Record<string, string> = {
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
  'theme.js': 'text/javascript; charset=utf-8',
  'sign-in.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Reads a file; the built module lies beside the folder. */
export function readAsset(name: string): Promise<Buffer> {
  return readFile(path.join(__dirname, 'assets', name));
}
