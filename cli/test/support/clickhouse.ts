/** The newest ClickHouse, which the Python tests run as chDB behind an HTTP front. */

import { startPythonServer } from './python-server.js';

/** A running server. */
export interface ClickHouse {
  port: number;
  /** Runs statements by plain HTTP, without the driver. */
  run(...statements: string[]): Promise<void>;
}

/** Starts a server until the end of the test. */
export async function startClickHouse(): Promise<ClickHouse> {
  const port = Number(await startPythonServer('tests.clickhouse'));
  const run = async (...statements: string[]) => {
    for (const body of statements) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      if (!response.ok) throw new Error(await response.text());
    }
  };
  return { port, run };
}
