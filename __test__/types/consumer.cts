// A CommonJS consumer with `require`. Compiled only.

import ktx = require('@kaelio/ktx');

const layout: ktx.ManagedPythonRuntimeLayout = ktx.managedPythonRuntimeLayout({ cliVersion: '1.0.0' });
const policy: ktx.KtxManagedPythonInstallPolicy = ktx.runtimeInstallPolicyFromFlags({});
// @ts-expect-error there is no such export
ktx.noSuchExport();

export = { layout, policy };
