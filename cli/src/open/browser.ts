/** Starts the browser of the user. */

import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../errors.js';

/** Whether there is a desktop to start a browser on. */
export function canOpenBrowser(env: Record<string, string | undefined>, platform = process.platform): boolean {
  if (platform !== 'linux') return true;
  return [env.DISPLAY, env.WAYLAND_DISPLAY, env.WSL_DISTRO_NAME].some((value) => value !== undefined && value !== '');
}

/**
 * Opens a URL with a secret. Other users can see the arguments of a process, so the browser is started with a private file
 * that leads to the URL.
 */
export async function openBrowser(url: string, projectDir: string): Promise<void> {
  const file = await writeRedirect(url, join(projectDir, '.ktx'));
  const { default: open } = await import('open');
  await open(file);
}

/** Writes the file and returns its path. Later calls replace it; its secret is valid once. */
async function writeRedirect(url: string, folder: string): Promise<string> {
  const file = join(folder, 'open.html');
  const temporary = `${file}.${randomUUID()}.tmp`;
  await mkdir(folder, { recursive: true });
  // A project may come from elsewhere, with a link in place of the folder.
  if (!(await lstat(folder)).isDirectory()) {
    throw new CliError('KTX_PROJECT_UNSAFE', `${folder} is a link`, 'Remove it, or run: ktx open --no-browser');
  }
  const html = `<!doctype html>\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url=${url}">\n<title>KTX</title>\n`;
  await writeFile(temporary, html, { mode: 0o600, flag: 'wx' });
  await rename(temporary, file);
  return file;
}
