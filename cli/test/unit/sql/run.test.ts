import type { KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxSqlArgs, runKtxSql } from '../../../src/sql/run.js';
import { daemonOptionsOf } from '../../support/daemon-options.js';
import { fakeTerminal, KEYS } from '../../support/fake-terminal.js';
import { makeIo } from '../../support/io.js';
import { connection, ktxError, project, sqlResult } from '../../support/projects.js';

const args: KtxSqlArgs = { projectDir: '/shop', sql: 'SELECT 1', cliVersion: '0.2.0', installPolicy: 'auto' };

async function run(
  flags: Partial<KtxSqlArgs> = {},
  result: Partial<KtxSqlResult> = {},
  io: Parameters<typeof makeIo>[0] = {},
) {
  const testIo = makeIo(io);
  const loadKtxProject = vi.fn(async () => project({ warnings: ['ktx.yaml:2:1: unknown key "x"'] }));
  const executeKtxSql = vi.fn(async (_: object) => sqlResult(result));
  const code = await runKtxSql({ ...args, ...flags }, testIo.io, { loadKtxProject, executeKtxSql });
  return { code, io: testIo.io, stdout: testIo.stdout(), stderr: testIo.stderr(), loadKtxProject, executeKtxSql };
}

describe('the statement', () => {
  it('is run on the only database, with the default limit of the addon', async () => {
    const { code, executeKtxSql, io } = await run();
    expect(code).toBe(0);
    expect(executeKtxSql).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', connectionId: 'warehouse', sql: 'SELECT 1', managedDaemon: daemonOptionsOf(io) },
    });
  });

  it('is run with the options of the command, in its environment', async () => {
    const { signal } = new AbortController();
    const flags = { connectionId: 'other', maxRows: 7, trust: 'always' } as const;
    const { executeKtxSql, loadKtxProject } = await run(flags, {}, { signal, requestId: 'r-1', environment: 'prod' });
    expect(loadKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: 'prod' });
    const expected = { connectionId: 'other', maxRows: 7, trust: 'always', signal, requestId: 'r-1' };
    expect(executeKtxSql.mock.calls[0]?.[0]).toMatchObject({ ...expected, environment: 'prod' });
  });

  it('may run on a database that only the environment has', async () => {
    const only = project({ connections: [connection('prod')], environment: 'prod' });
    const loadKtxProject = async ({ environment }: { environment?: string }) =>
      environment === 'prod' ? only : project({ connections: [] });
    const executeKtxSql = vi.fn(async (_: object) => sqlResult());
    await runKtxSql(args, makeIo({ environment: 'prod' }).io, { loadKtxProject, executeKtxSql });
    expect(executeKtxSql.mock.calls[0]?.[0]).toMatchObject({ connectionId: 'prod' });
  });

  it('is not run if there are several databases, or none', async () => {
    const executeKtxSql = vi.fn();
    const on = (...ids: string[]) => {
      const connections = ids.map((id) => connection(id));
      return runKtxSql(args, makeIo().io, { loadKtxProject: async () => project({ connections }), executeKtxSql });
    };
    await expect(on('a', 'b')).rejects.toMatchObject({ next: 'Choose one of them with --connection-id ID' });
    await expect(on()).rejects.toMatchObject({ code: 'KTX_CONNECTION_UNKNOWN' });
    expect(executeKtxSql).not.toHaveBeenCalled();
  });

  it('that fails rejects, and prints no rows', async () => {
    const { io, stdout } = makeIo();
    const executeKtxSql = async () => {
      throw ktxError('KTX_QUERY_FAILED', 'no such table: x');
    };
    const failed = runKtxSql(args, io, { loadKtxProject: async () => project(), executeKtxSql });
    await expect(failed).rejects.toMatchObject({ code: 'KTX_QUERY_FAILED' });
    expect(stdout()).toBe('');
  });

  it('asks on a terminal whether the project is trusted; no is the default', async () => {
    const { io, unasked } = fakeTerminal([['May it use env:P?', KEYS.enter]]);
    let trusted: boolean | undefined;
    await runKtxSql(args, io, {
      loadKtxProject: async () => project(),
      executeKtxSql: async ({ confirmTrust }) => {
        trusted = await confirmTrust?.('May it use env:P?');
        return sqlResult();
      },
    });
    expect(trusted).toBe(false);
    expect(unasked()).toEqual([]);
  });
});

describe('the rows', () => {
  it('are a table, without the warnings and progress on stderr', async () => {
    const { stdout, stderr } = await run();
    expect(stdout).toBe('status  orders\npaid        75\nnull         2\n(2 rows)\n');
    expect(stderr).toBe('Warning: ktx.yaml:2:1: unknown key "x"\nQuerying warehouse\n');
  });

  it('are one below the other on a narrow terminal', async () => {
    let stdout = '';
    await run({}, {}, { stdout: { write: (chunk) => (stdout += chunk), columns: 13 } });
    expect(stdout).toBe('Row 1\nstatus  paid\norders  75\n\nRow 2\nstatus  null\norders  2\n\n(2 rows)\n');
  });

  it.each([
    ['csv', 'status,orders\npaid,75\n,2\n'],
    ['tsv', 'status\torders\npaid\t75\n\t2\n'],
    ['markdown', '| status | orders |\n| ------ | -----: |\n| paid   |     75 |\n|        |      2 |\n'],
  ] as const)('are %s', async (format, expected) => {
    expect((await run({ format })).stdout).toBe(expected);
  });

  it('are one document with --json', async () => {
    expect(JSON.parse((await run({ json: true })).stdout)).toEqual(sqlResult());
  });

  it('that a limit cut are mentioned below a table, and on stderr in other formats', async () => {
    const cut = { truncated: true, truncatedBy: 'rows' } as const;
    const note = '2 rows shown, more available: raise --max-rows';
    expect((await run({}, cut)).stdout).toContain(`(${note})\n`);
    const csv = await run({ format: 'csv' }, cut);
    expect(csv.stdout).not.toContain('rows');
    expect(csv.stderr.endsWith(`${note}\n`)).toBe(true);
  });

  it('may be none', async () => {
    const none = { rows: [], rowCount: 0 };
    expect((await run({}, none)).stdout).toBe('status  orders\n(0 rows)\n');
    expect((await run({ format: 'csv' }, none)).stdout).toBe('status,orders\n');
  });
});
