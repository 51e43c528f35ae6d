import * as imported from '@kaelio/ktx/cli';
import { describe, expect, it } from 'vitest';
import { runNode } from './support/child.js';
import { requireInPackage } from './support/package.js';

const FUNCTIONS = [
  'createKtxCliLocalIngestAdapters',
  'createLocalProjectMcpContextPorts',
  'runKtxCli',
  'runKtxIngest',
  'runKtxScan',
  'runKtxServeStdio',
];

describe('@kaelio/ktx/cli', () => {
  it('exports the same functions by require and by import', () => {
    const required = requireInPackage('@kaelio/ktx/cli') as Record<string, unknown>;
    expect(Object.keys(required).sort()).toEqual(FUNCTIONS);
    for (const name of FUNCTIONS) expect(imported).toHaveProperty(name, required[name]);
  });

  it('supports named imports in an ES module, and runs a command without output on the streams of the process', async () => {
    const source = `
      import { ${FUNCTIONS.join(', ')} } from '@kaelio/ktx/cli';
      let stdout = '';
      const io = { stdout: { write: (chunk) => (stdout += chunk) }, stderr: { write() {} } };
      const code = await runKtxCli(['--version'], io);
      console.log(code, /^\\d+\\.\\d+/.test(stdout));`;
    expect(await runNode(source)).toEqual({ code: 0, signal: null, stdout: '0 true\n', stderr: '' });
  });

  it('does not load the protocol library on import', async () => {
    const source = `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      require('@kaelio/ktx/cli');
      const loaded = Object.keys(require.cache).filter((path) => /modelcontextprotocol|zod/.test(path));
      console.log(JSON.stringify(loaded));`;
    expect((await runNode(source)).stdout).toBe('[]\n');
  });
});
