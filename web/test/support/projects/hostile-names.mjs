// Names and values that break pages which take them for markup, paths, identifiers or directions of writing.

/** Sets a variable of the page if a script in a name is run. */
export const PWNED = '__pwned';

const SCRIPT = `window.${PWNED}=1`;

/** Markup in all contexts: text, attributes, scripts, URLs, styles, templates. */
const MARKUP = [
  `<script>${SCRIPT}</script>`,
  `</script><script>${SCRIPT}</script>`,
  `"><img src=x onerror="${SCRIPT}">`,
  `' onmouseover='${SCRIPT}' x='`,
  `<svg/onload=${SCRIPT}>`,
  `javascript:${SCRIPT}`,
  '<!-- <b>&amp;&lt;i&gt;',
  ']]> {{7*7}} #{7*7} <style>*{display:none}</style>',
];

/** Directions of writing, characters of several code points, and white space. */
const UNICODE = [
  'safe\u202Egnp.elbat\u202C end',
  'طلبات العملاء',
  'הזמנות\u200F 2024',
  '👩‍👩‍👧‍👦 orders 🎉',
  'zalgo\u0300\u0301\u0302\u0303\u0304\u0305\u0306',
  'one\nline\ttwo\r\nthree',
  'line\u2028separator\u0001\u007F',
  ' blanks ',
  'cafe\u0301',
  'caf\u00E9',
];

/** Paths, quotes, names of devices, and names that programs use themselves. */
const PROGRAMS = [
  `it's "quoted" \`here\` [and] here`,
  'a/b\\c',
  '..',
  '../../index.html',
  '%2e%2e%2f?x=1#y',
  '~2f',
  'CON',
  'nul.txt',
  'index',
  'page-data',
  'root',
  'content',
  '__proto__',
  'constructor',
  'toString',
];

/** Longer than any identifier of a server; SQLite has no limit. */
export const LONG_NAME = `long_${'<b>'.repeat(3)}${'abcdefghij'.repeat(300)}`;

/** Names of tables and columns in SQLite, where any text is a name. */
export const HOSTILE_NAMES = [...MARKUP, ...UNICODE, ...PROGRAMS, LONG_NAME];

/** Names in PostgreSQL, which differ in letter case only; and some of the above, at most 63 bytes long. */
export const POSTGRES_NAMES = [
  ...['Orders', 'orders', 'ORDERS', 'oRdErS'],
  ...HOSTILE_NAMES.filter((name) => Buffer.byteLength(name) < 58),
];

/** Values, comments and texts with markup. */
export const HOSTILE_TEXTS = [...MARKUP, ...UNICODE, `${MARKUP[2]} ${'very long '.repeat(500)}`];

/** Markdown that includes markup, scripts and resources of other hosts. */
export const HOSTILE_NOTE = `# ${MARKUP[2]} note

${MARKUP.join('\n\n')}

[link](javascript:${SCRIPT}) [other host](http://evil.invalid/x) ![image](http://evil.invalid/x.png)
<http://evil.invalid/auto> http://evil.invalid/bare [data](data:text/html,<script>${SCRIPT}</script>)

<img src="x" onerror="${SCRIPT}"><iframe src="http://evil.invalid/"></iframe><style>*{display:none}</style>

| ${MARKUP[0]} | b |
| --- | --- |
| ${MARKUP[2]} | [x](//evil.invalid) |

\`\`\`html
${MARKUP[1]}
\`\`\`
`;
