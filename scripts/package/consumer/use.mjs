// ES module consumer: named imports of the addon and of the command line.
import assert from 'node:assert/strict';
import { managedPythonRuntimeLayout, verifyRuntimeAsset } from '@kaelio/ktx';
import { runKtxCli } from '@kaelio/ktx/cli';

// Native code must read the wheel where the package manager has installed it.
const { assetDir } = managedPythonRuntimeLayout({ cliVersion: '1.2.3' });
await verifyRuntimeAsset({ assetDir });
let stdout = '';
const io = { stdout: { write: (text) => (stdout += text) }, stderr: process.stderr };
assert.equal(await runKtxCli(['--version'], io), 0);
assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
console.log('done');
