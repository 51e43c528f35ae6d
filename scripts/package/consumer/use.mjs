// A consumer in ES modules: named imports, of the addon and of the command line as functions.
import assert from 'node:assert/strict';
import { managedPythonRuntimeLayout, verifyRuntimeAsset } from '@kaelio/ktx';
import { runKtxCli } from '@kaelio/ktx/cli';

// Native code has to read the wheel where the package manager put it.
const { assetDir } = managedPythonRuntimeLayout({ cliVersion: '1.2.3' });
await verifyRuntimeAsset({ assetDir });
let printed = '';
const io = { stdout: { write: (text) => (printed += text) }, stderr: process.stderr };
assert.equal(await runKtxCli(['--version'], io), 0);
assert.match(printed, /^\d+\.\d+\.\d+\n$/);
console.log('used');
