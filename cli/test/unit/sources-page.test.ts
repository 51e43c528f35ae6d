/** Compares the keys on `docs/sources.md` with the schemas of the files of the semantic layer. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'sources.md'), 'utf8');
const definitions = (file: string) => JSON.parse(readFileSync(join(root, 'schemas', `${file}.json`), 'utf8')).$defs;
// A model is the file of metrics itself.
const { Model: _model, ...shared } = definitions('metrics.yaml');
const types = { ...definitions('semantic-source'), ...shared };

/** The part of the page below a heading. */
function section(name: string): string {
  const [, text = ''] = page.split(`\n### ${name}\n`);
  return text.split('\n#', 1)[0] ?? '';
}

/** Key, value and default of each row. */
function rowsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => line.slice(2, -2).split(' | '));
}

describe('docs/sources.md', () => {
  it.each(Object.keys(types))('documents every key of %s, its values and its default', (name) => {
    const { properties, required } = types[name] as { properties: Record<string, object>; required: string[] };
    const rows = Object.fromEntries(rowsOf(section(name)).map(([key = '', ...rest]) => [key.slice(1, -1), rest]));
    expect(Object.keys(rows).sort()).toEqual(Object.keys(properties).sort());
    for (const [key, schema] of Object.entries(properties)) {
      const [text = '', fallback] = rows[key] ?? [];
      expect(fallback === 'required', `${name}.${key}`).toBe(required.includes(key));
      const values = 'enum' in schema ? (schema.enum as string[]) : [];
      for (const value of values) expect(text, `${name}.${key}`).toContain(`\`${value}\``);
    }
  });
});
