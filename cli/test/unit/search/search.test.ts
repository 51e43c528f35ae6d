import type { KtxSearchAnswer } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { search } from '../../../src/mcp/tools/search.js';
import { valuesFind } from '../../../src/mcp/tools/values-find.js';
import { type KtxSearchArgs, runKtxSearch } from '../../../src/search/run.js';
import { makeIo } from '../../support/io.js';
import { connection, project } from '../../support/projects.js';

const hit = {
  ...({ kind: 'table', name: 's.orders', connectionId: 'shop', table: 's.orders' } as const),
  ...{ why: 'name; comment: one row for each order', score: 0.1 },
};

async function run(flags: Partial<KtxSearchArgs>, answer: Partial<KtxSearchAnswer>, connections = ['shop']) {
  const testIo = makeIo();
  const searchKtxProject = vi.fn(async () => ({
    query: 'orders',
    hits: [hit],
    truncated: false,
    notes: [],
    ...answer,
  }));
  const loadKtxProject = vi.fn(async () => project({ connections: connections.map((id) => connection(id)) }));
  const args = { projectDir: '/shop', query: 'orders', ...flags };
  const code = await runKtxSearch(args, testIo.io, { loadKtxProject, searchKtxProject });
  return { code, stdout: testIo.stdout(), searchKtxProject };
}

describe('ktx search', () => {
  it('prints the hits, their connections if there are several, and notes', async () => {
    const { code, stdout, searchKtxProject } = await run({ kinds: ['table'], limit: 3 }, { notes: ['A note'] });
    expect(code).toBe(0);
    expect(searchKtxProject).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', query: 'orders', kinds: ['table'], limit: 3 },
    });
    expect(stdout).toBe(
      ['KIND   NAME      WHY', 'table  s.orders  name; comment: one row for each order', 'A note', ''].join('\n'),
    );
    expect((await run({}, {}, ['shop', 'other'])).stdout).toContain('CONNECTION');
  });

  it('prints the answer as JSON, and says what to do without hits', async () => {
    const document = JSON.parse((await run({ json: true }, {})).stdout);
    expect(document).toEqual({ query: 'orders', hits: [hit], truncated: false, notes: [] });
    expect((await run({}, { hits: [] })).stdout).toBe(
      'Nothing was found: use other words, or scan with ktx scan --profile, which reads values as well\n',
    );
  });
});

it('says that the limit cut the hits', async () => {
  expect((await run({}, { truncated: true, notes: ['A note'] })).stdout).toMatch(
    /\n\(1 hit, the limit; --limit N for more\)\nA note\n$/,
  );
});

describe('the tools that search', () => {
  it('answer with a few kilobytes, and say what was cut', async () => {
    const hits = Array.from({ length: 50 }, (_, index) => ({ ...hit, name: `s.t${index}`, why: 'ä'.repeat(120) }));
    const values = hits.map(({ name, why }) => ({
      ...{ connectionId: 'shop', table: 's', column: name, value: why, rows: 1, match: 'exact' as const },
    }));
    const group = {
      search: async () => ({ query: 'q', hits, truncated: false, notes: [] }),
      findValues: async () => ({ text: 'q', values, truncated: false, notes: ['A note'] }),
    };
    const found = await search({ search: group })?.run({ query: 'q' }, {});
    expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThanOrEqual(4096);
    expect(found).toHaveProperty(
      'hint',
      expect.stringMatching(/^These are \d+ of 50, which fill the answer: set kinds /),
    );
    expect(found).not.toHaveProperty('hits.0.score');
    const listed = await valuesFind({ search: group })?.run({ text: 'q' }, {});
    expect(Buffer.byteLength(JSON.stringify(listed))).toBeLessThanOrEqual(4096);
    expect(listed).toMatchObject({ notes: ['A note'], hint: expect.any(String) });
    expect(search({})).toBeUndefined();
  });

  it('say that further hits rank lower', async () => {
    const found = { truncated: true, notes: [] };
    const group = {
      search: async () => ({ query: 'q', hits: [hit], ...found }),
      findValues: async () => ({ text: 'q', values: [], ...found }),
    };
    expect(await search({ search: group })?.run({ query: 'q' }, {})).toMatchObject({
      truncated: true,
      hint: 'Further ones rank lower: set limit (at most 50), kinds or connectionId, or use more specific words',
    });
    expect(await valuesFind({ search: group })?.run({ text: 'q' }, {})).toMatchObject({
      truncated: true,
      hint: 'Further ones rank lower: set column or connectionId',
    });
  });
});
