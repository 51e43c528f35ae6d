// The API reference, docs/api.md, from index.d.ts: each exported declaration with its comment, by the file's sections.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { fail, root } from './steps.mjs';

const FILE = path.join(root, 'docs', 'api.md');

const KINDS = {
  ClassDeclaration: 'class',
  TSDeclareFunction: 'function',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
  VariableDeclaration: 'constant',
};

/** Writes the reference. */
export function writeApiReference() {
  writeFileSync(FILE, renderReference());
}

/** Fails if the reference does not match index.d.ts. */
export function checkApiReference() {
  if (readFileSync(FILE, 'utf8') !== renderReference()) fail('docs/api.md is out of date. Run: node scripts/api.mjs');
  console.log('The API reference is current');
}

function renderReference() {
  const source = readFileSync(path.join(root, 'index.d.ts'), 'utf8');
  const sections = parseSections(source);
  const module = /\/\*\*(?:(?!\*\/)[\s\S])*@packageDocumentation(?:(?!\*\/)[\s\S])*\*\//.exec(source)?.[0] ?? '';
  const parts = sections.map(({ title, entries }) => [`## ${title}`, ...entries.map(renderEntry)].join('\n\n'));
  const contents = sections.map(({ title, entries }) => `- ${title}: ${entries.map(renderLink).join(', ')}`).join('\n');
  const text = [
    '# API reference',
    'Generated from `index.d.ts` by `node scripts/api.mjs`. [Terms and keys of semantic sources](sources.md#terms).',
    renderComment(module),
    contents,
    ...parts,
  ];
  return `${text.join('\n\n')}\n`;
}

/** Sections begin with a comment of dashes and a title. */
function parseSections(source) {
  const headings = [...source.matchAll(/^\/\/ -{8,} (.+)$/gm)];
  const exported = parseAst(source, { lang: 'dts' }).body.filter(({ type }) => type === 'ExportNamedDeclaration');
  const entries = exported.flatMap((node) => parseEntries(node, source));
  return headings.map((heading, index) => {
    const end = headings[index + 1]?.index ?? source.length;
    const title = heading[1][0].toUpperCase() + heading[1].slice(1);
    return { title, entries: entries.filter(({ start }) => start > heading.index && start < end) };
  });
}

function parseEntries(node, source) {
  const { start, end, declaration, specifiers } = node;
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(source.slice(0, start))?.[0] ?? '';
  const shared = { start, comment, code: source.slice(start, end) };
  if (declaration === null) return specifiers.map((each) => createAlias(each, start));
  const kind = KINDS[declaration.type] ?? fail(`index.d.ts: unsupported declaration ${declaration.type}`);
  const declarations = declaration.declarations ?? [declaration];
  return declarations.map(({ id }) => ({ ...shared, kind, name: id.name }));
}

function createAlias({ local, exported }, start) {
  const code = `export type ${exported.name} = ${local.name};`;
  return { start, kind: 'alias', name: exported.name, comment: `Alias of \`${local.name}\`.`, code };
}

function renderEntry({ kind, name, comment, code }) {
  const text = renderComment(comment);
  return [`### ${kind} \`${name}\``, ...(text ? [text] : []), `\`\`\`ts\n${code.replace(/^export /, '')}\n\`\`\``].join(
    '\n\n',
  );
}

/** Link to the anchor that GitHub generates for the heading. */
function renderLink({ kind, name }) {
  return `[${name}](#${kind}-${name.toLowerCase()})`;
}

/** Text of a documentation comment. */
function renderComment(comment) {
  return comment
    .replace(/^\s*\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .replaceAll(/^ *\* ?/gm, '')
    .replaceAll(/\{@link ([\w.]+)\}/g, '`$1`')
    .replaceAll(/^@packageDocumentation$/gm, '')
    .replaceAll(/^@(\w+) /gm, '- *$1* ')
    .trim();
}
