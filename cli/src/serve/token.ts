/** The bearer token of the HTTP server. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ensureKtxMcpServerToken } from '@kaelio/ktx';
import { CliError } from '../errors.js';
import { packageVersion } from '../package-info.js';

/** A token, and the file that contains it. */
export interface Token {
  token: string;
  path: string;
}

/** The project that a token is for. */
interface TokenOwner {
  projectDir: string;
  cliVersion?: string | undefined;
}

/** Longest token file in bytes. */
const MAX_BYTES = 4096;

/** Characters of a token (`b64token` of RFC 6750), with at least 128 bits in hexadecimal digits. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{32,}=*$/;

/** Reads the token of a file, or the token of the project, which is created if it is missing. */
export async function findToken({ projectDir, cliVersion }: TokenOwner, file: string | undefined): Promise<Token> {
  if (file !== undefined) return { token: await readToken(file), path: file };
  const { token, tokenFile } = await ensureKtxMcpServerToken({
    projectDir,
    cliVersion: cliVersion ?? packageVersion(),
  });
  return { token, path: tokenFile };
}

async function readToken(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile()) throw invalid(`${path} is not a file`);
    const isPrivate = process.platform === 'win32' || (found.mode & 0o077) === 0;
    if (!isPrivate) throw invalid(`Other users can read or write ${path}`, `Make it private: chmod 600 ${path}`);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    const token = buffer.toString('latin1', 0, bytesRead).trim();
    if (!TOKEN.test(token)) throw invalid(`${path} has no token`, 'Write one with: openssl rand -hex 32');
    return token;
  } finally {
    await file.close();
  }
}

function invalid(message: string, next = 'Choose a file with a token: --token-file FILE'): CliError {
  return new CliError('KTX_ARGUMENT_INVALID', message, next);
}
