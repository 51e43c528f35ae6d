/** Example projects, and errors of the addon. */

import type { KtxErrorCode, KtxErrorResponse, KtxProject, KtxProjectConnection, KtxSqlResult } from '@kaelio/ktx';

/** A read-only connection. */
export function connection(id: string, driver = 'sqlite', target = './shop.db'): KtxProjectConnection {
  return { id, driver, readonly: true, target };
}

/** The project `/shop`; `overrides` replaces fields. */
export function project(overrides: Partial<KtxProject> = {}): KtxProject {
  return {
    projectDir: '/shop',
    configPath: '/shop/ktx.yaml',
    name: 'shop',
    connections: [connection('warehouse')],
    warnings: [],
    ...overrides,
  };
}

/** Two rows of two columns; `overrides` replaces fields. */
export function sqlResult(overrides: Partial<KtxSqlResult> = {}): KtxSqlResult {
  return {
    connectionId: 'warehouse',
    columns: [
      { name: 'status', type: 'TEXT' },
      { name: 'orders', type: 'INTEGER' },
    ],
    rows: [
      ['paid', 75],
      [null, 2],
    ],
    rowCount: 2,
    truncated: false,
    ...overrides,
  };
}

/** An error of the addon. */
export function ktxError(
  code: KtxErrorCode,
  message: string,
  details: { hint?: string; response?: KtxErrorResponse } = {},
): Error {
  return Object.assign(new Error(message), { code, ...details });
}
