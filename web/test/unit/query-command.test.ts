/** The command of a query, run by a real shell and parsed by the command line itself. */

import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { semanticQuery } from '../../../cli/src/mcp/semantic-schemas.js';
import { addQueryFlags, type QueryFlags, readQuery } from '../../../cli/src/sl/query-flags.js';
import { commandOf, mcpCallOf } from '../../src/pages/query/model/command.js';
import { EMPTY, type QueryState, toQuery, toState } from '../../src/pages/query/model/query-state.js';
import { HOSTILE } from './support/hostile-texts.js';

const POSIX = { shell: 'posix', environment: null } as const;

/** The arguments and the standard input that `ktx` gets from a command. */
function runShell(command: string): { args: string[]; input: string } {
  const script = `ktx() { printf '%s\\0' "$@"; printf '\\0\\0'; cat; }\n${command}\n`;
  const output = execFileSync('sh', ['-c', script], { input: '', encoding: 'utf8' });
  const end = output.indexOf('\0\0\0');
  return { args: output.slice(0, end).split('\0'), input: output.slice(end + 3) };
}

/** The query that the command line reads from a command. */
async function parse(command: string): Promise<object> {
  const { args, input } = runShell(command);
  expect(args.slice(0, 4)).toEqual(['sl', 'query', '--connection-id', 'shop']);
  if (args.includes('--query-file')) return JSON.parse(input);
  const parsed = addQueryFlags(new Command()).option('--execute').parse(args.slice(4), { from: 'user' });
  const flags = parsed.opts<QueryFlags & { execute?: boolean }>();
  expect(flags.execute).toBe(true);
  return readQuery(flags, {} as never);
}

/** All that a query means, in one form. */
function normalized(query: object): object {
  return toQuery(toState(query) ?? EMPTY);
}

async function expectSame(state: QueryState): Promise<string> {
  const command = commandOf('shop', state, POSIX);
  expect(normalized(await parse(command))).toEqual(toQuery(state));
  return command;
}

describe('the command of a query', () => {
  it('is readable for plain names', () => {
    const state: QueryState = {
      ...EMPTY,
      measures: ['orders.count', { expr: 'revenue / n', name: 'each' }],
      dimensions: [{ field: 'orders.placed', granularity: 'month' }],
      filters: ["orders.status != 'returned'"],
      order_by: [{ field: 'orders.count', direction: 'desc' }],
      limit: 5,
    };
    expect(commandOf('shop', state, POSIX)).toBe(
      [
        'ktx sl query --connection-id shop \\',
        '  --measure orders.count \\',
        '  --measure "revenue / n as each" \\',
        '  --dimension orders.placed:month \\',
        `  --filter "orders.status != 'returned'" \\`,
        '  --order-by orders.count:desc \\',
        '  --limit 5 \\',
        '  --execute',
      ].join('\n'),
    );
  });

  it.each(HOSTILE)('passes on %j in every place', async (text) => {
    await expectSame({
      ...EMPTY,
      measures: [`orders.${text}`],
      dimensions: [{ field: `customers.${text}` }, { field: `orders.${text}`, granularity: 'day' }],
      filters: [text, `orders.note = '${text}'`],
      segments: [text],
      order_by: [{ field: text, direction: 'asc' }],
      parameters: { name: text, several: [text, 1, true] },
      time_zone: text,
    });
  });

  it('is a file for what flags would read as something else', async () => {
    const states: QueryState[] = [
      { ...EMPTY, measures: ['orders.a as b'], include_empty: false },
      { ...EMPTY, measures: [{ expr: 'orders.n', name: 'two words' }] },
      { ...EMPTY, measures: ['orders.n'], now: '2025-01-01' },
      { ...EMPTY, dimensions: [{ field: 'orders.a:month' }] },
      { ...EMPTY, dimensions: [{ field: 'orders.a:month', granularity: 'day' }], include_empty: false },
      { ...EMPTY, dimensions: [{ expr: 'orders.a', name: 'plain' }] },
      { ...EMPTY, measures: ['orders.n'], filters: ['a\0b'] },
      { ...EMPTY, measures: ['orders.n'], paths: { 'a=b': 'c' } },
      { ...EMPTY, measures: ['orders.n'], filters: ['EOF\nEOF'], include_empty: false },
    ];
    for (const state of states) {
      const command = commandOf('shop', state, POSIX);
      expect(command).toContain("--query-file - <<'EOF'");
      expect(await parse(command)).toEqual(toQuery(state));
    }
  });

  it('has flags for all options', async () => {
    const command = await expectSame({
      ...EMPTY,
      measures: ['orders.n', 'orders.m'],
      dimensions: [
        { expr: 'bin(orders.amount, 10)', name: 'size' },
        { field: 'orders.a', granularity: 'week', name: 'w' },
      ],
      top: { by: 'orders.n', limit: 3, direction: 'asc', per: ['size'], others: true },
      include_empty: true,
      fill_gaps: true,
      paths: { nation: 'customer.nation' },
      parameters: { digits: '12', n: 12 },
      limit: 10,
      offset: 20,
      time_zone: 'Europe/Zurich',
    });
    expect(command).not.toContain('--query-file');
  });

  it('names the measure of the first groups only if it has to', async () => {
    const base: QueryState = { ...EMPTY, measures: ['orders.n'], dimensions: [{ field: 'orders.a' }] };
    expect(await expectSame({ ...base, top: { by: 'orders.n', limit: 3 } })).not.toContain('--top-by');
    const other = commandOf(
      'shop',
      { ...base, measures: ['orders.n', 'orders.m'], top: { by: 'orders.m', limit: 3 } },
      POSIX,
    );
    expect(await parse(other)).toMatchObject({ top: { by: 'orders.m', limit: 3 } });
  });

  it('is written for PowerShell', () => {
    const state: QueryState = { ...EMPTY, measures: ['orders.n'], filters: ["orders.city = 'it’s'"] };
    const place = { shell: 'powershell', environment: 'prod' } as const;
    expect(commandOf('my shop', state, place)).toBe(
      [
        'ktx --env prod sl query --connection-id "my shop" `',
        '  --measure orders.n `',
        "  --filter 'orders.city = ''it’’s''' `",
        '  --execute',
      ].join('\n'),
    );
    const quoted = { ...state, filters: ['orders."n" > 1'] };
    const json = JSON.stringify(toQuery(quoted), null, 2);
    expect(commandOf('shop', quoted, { ...place, environment: null })).toBe(
      `@'\n${json}\n'@ | ktx sl query --connection-id shop --execute --query-file -`,
    );
  });
});

describe('the call of MCP', () => {
  it('has the query, and asks for as many rows as its limit', () => {
    const state: QueryState = { ...EMPTY, measures: ['orders.n'], limit: 20 };
    expect(JSON.parse(mcpCallOf('shop', state))).toEqual({
      name: 'sl_query',
      arguments: { connectionId: 'shop', query: { measures: ['orders.n'], limit: 20 } },
    });
    const { arguments: all } = JSON.parse(mcpCallOf('shop', { ...EMPTY, measures: ['orders.n'] }));
    expect(all.maxRows).toBe(1000);
  });

  it.each(HOSTILE)('is one that the tool accepts, with %j', (text) => {
    const call = mcpCallOf('shop', {
      ...EMPTY,
      measures: [`orders.${text}`, { expr: text, name: text }],
      dimensions: [
        { field: text, granularity: 'month' },
        { expr: text, name: text },
      ],
      filters: [text],
      order_by: [{ field: text, direction: 'desc' }],
      top: { by: text, limit: 3, direction: 'asc', per: [text], others: true },
      parameters: { [text]: [text, 1] },
      include_empty: false,
      now: text,
    });
    const { query } = JSON.parse(call).arguments;
    expect(semanticQuery.parse(query)).toEqual(query);
  });
});
