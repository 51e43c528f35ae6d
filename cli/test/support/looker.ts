/** Fake Looker server, shared with the tests of the core. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { PACKAGE_DIR, start, temporaryDir } from './ktx.js';

/** Address and secret of the server, and control of its behaviour. */
export interface FakeLooker {
  url: string;
  secret: string;
  control(settings: object): Promise<void>;
  /** Resolves when a request to the path of `control({ hold })` is blocked. */
  holding(): Promise<void>;
}

/** Starts the server; it is stopped at the end of the test. */
export async function startFakeLooker(): Promise<FakeLooker> {
  const folder = await temporaryDir();
  const script = join(PACKAGE_DIR, 'tests', 'fakes', 'looker.py');
  const { child, finished } = start(process.platform === 'win32' ? 'python' : 'python3', [script, folder]);
  onTestFinished(async () => {
    child.kill();
    await finished;
  });
  const port = join(folder, 'port');
  await vi.waitUntil(() => existsSync(port), { timeout: 60_000 });
  return {
    url: `http://127.0.0.1:${await readFile(port, 'utf8')}`,
    secret: 'hunter2 secret',
    control: (settings) => writeFile(join(folder, 'control.json'), JSON.stringify(settings)),
    holding: () => vi.waitUntil(() => existsSync(join(folder, 'holding')), { timeout: 60_000 }).then(() => {}),
  };
}

/** A connection to the server as YAML, and the variables that it refers to. */
export function lookerConnection({ url, secret }: FakeLooker, mapping = '{}') {
  const client = 'client_id: api-client, client_secret: env:LOOKER_SECRET, readonly: true';
  return {
    yaml: `  looker: { driver: looker, base_url: env:LOOKER_URL, ${client}, mappings: { connectionMappings: ${mapping} } }\n`,
    env: { LOOKER_URL: url, LOOKER_SECRET: secret },
  };
}
