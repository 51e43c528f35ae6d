import { describe, expect, it } from 'vitest';
import { type RowFormat, renderRows } from '../../../src/output/formats.js';
import { makeIo } from '../../support/io.js';

const terminal = makeIo({ stdout: { write: () => true, isTTY: true } }).io;

const rendered = (format: RowFormat, rows: unknown[][], io = makeIo().io) =>
  renderRows(format, { columns: [{ title: 'name' }, { title: 'value', align: 'right' }], rows }, io);

describe('renderRows', () => {
  it('quotes CSV so that every value can be read back', async () => {
    const rows = [
      ['a,b', 'say "hi"'],
      ['two\nlines', 'carriage\rreturn'],
      ['', null],
      ['größe', { a: [1, true] }],
      [1.5, false],
      ['9007199254740993', -0.1],
    ];
    expect(await rendered('csv', rows)).toBe(
      [
        'name,value',
        '"a,b","say ""hi"""',
        '"two\nlines","carriage\rreturn"',
        '"",',
        'größe,"{""a"":[1,true]}"',
        '1.5,false',
        '9007199254740993,-0.1',
        '',
      ].join('\n'),
    );
  });

  it('separates TSV by tabs, and quotes tabs in values', async () => {
    expect(await rendered('tsv', [['a,b', 'c\td']])).toBe('name\tvalue\na,b\t"c\td"\n');
  });

  it.each(['csv', 'tsv'] as const)(
    'keeps control characters in %s for files, and escapes them on a terminal',
    async (format) => {
      const rows = [['\u001b[2J\u202ex', '\u0000']];
      expect(await rendered(format, rows)).toContain('\u001b[2J\u202ex');
      for (const control of rows.flat()) expect(await rendered(format, rows, terminal)).not.toContain(control);
      expect(await rendered(format, rows, terminal)).toContain('\\u001b[2J\\u202ex');
    },
  );

  it('renders a Markdown table whose cells are texts only', async () => {
    const rows = [
      ['a|b', '<script>&'],
      ['*bold* _x_ order_items `c` [l](u)', 'two\r\nlines\ttab'],
      ['\u001b[2J', null],
    ];
    const lines = (await rendered('markdown', rows)).split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(lines).toEqual([
      '| name | value |',
      expect.stringMatching(/^\| -+ \| -+: \|$/),
      '| a\\|b | &lt;script>&amp; |',
      '| \\*bold\\* \\_x\\_ order_items \\`c\\` \\[l\\](u) | two<br>lines tab |',
      '| \\\\u001b\\[2J | |',
      '',
    ]);
  });

  it('renders a header without rows', async () => {
    expect(await rendered('csv', [])).toBe('name,value\n');
    expect(await rendered('tsv', [])).toBe('name\tvalue\n');
  });
});
