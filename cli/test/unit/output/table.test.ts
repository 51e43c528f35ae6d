import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderProperties, renderTable } from '../../../src/output/table.js';
import { styleOf } from '../../../src/terminal/style.js';
import { makeIo } from '../../support/io.js';

const plain = styleOf(makeIo().io);
const coloured = styleOf(makeIo({ stdout: { write: () => true, isTTY: true } }).io);

describe('renderTable', () => {
  it('aligns columns, numbers to the right, without trailing blanks', async () => {
    const columns = [{ title: 'NAME' }, { title: 'ROWS', align: 'right' as const }, { title: 'NOTE' }];
    const rows = [
      ['orders', '5', ''],
      ['x', '12345', 'big'],
    ];
    expect(await renderTable(columns, rows, plain)).toBe(
      ['NAME     ROWS  NOTE', 'orders      5', 'x       12345  big', ''].join('\n'),
    );
  });

  it('measures wide letters, combining marks and colours as a terminal does', async () => {
    const rows = [
      ['顧客', 'a'],
      ['e\u0301te\u0301', 'b'],
      [coloured.green('ok'), 'c'],
    ];
    const lines = (await renderTable([{ title: 'NAME' }, { title: 'X' }], rows, plain)).split('\n');
    expect(lines[1]).toBe('顧客  a');
    expect(lines[2]).toBe('e\u0301te\u0301   b');
    expect(stripVTControlCharacters(lines[3] ?? '')).toBe('ok    c');
  });

  it('escapes control sequences except colours', async () => {
    const title = '\u001b]0;owned\u0007';
    const rows = [
      ['\u001b[2J\u009b1A\u202ereversed', 'a\tb'],
      [coloured.green('ok'), ''],
    ];
    const lines = (await renderTable([{ title }, { title: 'X' }], rows, plain)).split('\n');
    expect(lines[0]).toContain('\\u001b]0;owned\\u0007');
    expect(lines[1]).toBe('\\u001b[2J\\u009b1A\\u202ereversed  a  b');
    expect(lines[2]).toBe(coloured.green('ok'));
    expect(await renderProperties([['name', 'one\r\ntwo\u001bc']], plain)).toBe('name  one\ntwo\\u001bc\n');
  });

  it('prints a cell with line breaks on one line', async () => {
    const text = await renderTable([{ title: 'SQL' }, { title: 'X' }], [['SELECT 1\n  FROM t', 'y']], plain);
    expect(text).toBe('SQL              X\nSELECT 1 FROM t  y\n');
  });
});

describe('renderProperties', () => {
  it('aligns values and leaves out undefined ones', async () => {
    const properties: [string, string | undefined][] = [
      ['Version', '0.1.0'],
      ['Absent', undefined],
      ['Größe', '1'],
    ];
    expect(await renderProperties(properties, plain)).toBe('Version  0.1.0\nGröße    1\n');
  });
});

describe('styleOf', () => {
  it('colours a terminal, but not a pipe, and not with NO_COLOR', () => {
    const terminal = { write: () => true, isTTY: true };
    expect(coloured.red('x')).not.toBe('x');
    expect(plain.red('x')).toBe('x');
    expect(styleOf(makeIo({ stdout: terminal, env: { NO_COLOR: '1' } }).io).red('x')).toBe('x');
  });
});
