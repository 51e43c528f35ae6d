import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageDir } from './support/package.js';

const read = (...parts: string[]) => readFileSync(join(packageDir, ...parts), 'utf8');
const codes = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] as string);

/** The codes of the union `KtxErrorCode`, sorted. */
function declaredCodes(): string[] {
  const union = /export type KtxErrorCode =([^;]*);/.exec(read('index.d.ts'))?.[1] ?? '';
  return codes(union, /'(KTX_\w+)'/g).sort();
}

it('the types list every code once', () => {
  const declared = declaredCodes();
  expect(declared.length).toBeGreaterThan(30);
  expect(declared).toEqual([...new Set(declared)]);
});

it('the addon and its loader have exactly the codes of the types', () => {
  const defined = [
    ...codes(read('src', 'error', 'code.rs'), /=> "(KTX_\w+)",/g),
    ...codes(read('missing-binary.js'), /'(KTX_\w+)'/g),
  ];
  expect(defined.sort()).toEqual(declaredCodes());
});

it('the documentation has a row for every code', () => {
  expect(codes(read('docs', 'errors.md'), /^\| *`(KTX_\w+)` *\|/gm).sort()).toEqual(declaredCodes());
});

it('no cell of the documentation is empty', () => {
  const rows = read('docs', 'errors.md').match(/^\| *`KTX_.*$/gm) ?? [];
  for (const row of rows) {
    const cells = row.split('|').slice(2, -1);
    expect(cells.length, row).toBeGreaterThan(0);
    for (const cell of cells) expect(cell.trim(), row).not.toBe('');
  }
});
