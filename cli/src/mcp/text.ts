/**
 * Answers as text, in few bytes: `key: value` lines, and tables of tab-separated values.
 *
 * Lines that begin with `#` are of the server. Texts of a database or a file cannot begin such a line, nor any line:
 * their line breaks, tabs and control characters are escaped.
 */

/** Encodes an answer, without its last line break. */
export function renderText(answer: object): string {
  return [...sectionLines(answer)].join('\n');
}

/** A text of others, which may have several lines. */
export function renderLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => dataLine(escapeText(line)))
    .join('\n');
}

/** A line of the server. */
export function serverLine(text: string): string {
  return `# ${escapeText(text)}`;
}

function* sectionLines(section: object, path = ''): Generator<string> {
  const entries = Object.entries(section).filter(([, value]) => value !== '' && hasValue(value));
  // What fits a line comes first: some clients show no more than the beginning of an answer.
  for (const [key, value] of entries) {
    if (isInline(value)) yield dataLine(`${escapeText(key)}: ${cell(value)}`);
  }
  const isRows = isResult(section);
  if (isRows) yield* rowLines(section);
  for (const [key, value] of entries) {
    const isDone = isInline(value) || (isRows && ['columns', 'rows'].includes(key));
    if (!isDone) yield* blockLines(key, path, value as object | string);
  }
}

/** Keys of ours; those of a record may be names of others. */
const OWN_KEY = /^[a-z][a-zA-Z]{0,24}$/;

function* blockLines(key: string, path: string, value: object | string): Generator<string> {
  const isOwn = OWN_KEY.test(key);
  const title = isOwn ? `${path}${key}` : '';
  const titled = (count: string) => (isOwn ? serverLine(`${title}${count}`) : dataLine(`${escapeText(key)}${count}:`));
  if (typeof value === 'string') {
    yield titled('');
    return yield renderLines(value);
  }
  if (!Array.isArray(value)) {
    yield titled('');
    return yield* sectionLines(value, isOwn ? `${title}.` : path);
  }
  yield titled(` (${value.length})`);
  if (value.every(isRecord)) return yield* tableLines(value);
  for (const each of value) yield dataLine(cell(each));
}

/** Objects as a table of the keys that any of them has a value for. */
function* tableLines(records: Record<string, unknown>[]): Generator<string> {
  const keys = new Set(records.flatMap((record) => Object.keys(record).filter((key) => hasValue(record[key]))));
  yield dataLine([...keys].map(escapeText).join('\t'));
  for (const record of records) yield dataLine([...keys].map((key) => cell(record[key] ?? '')).join('\t'));
}

/** Rows of a query, in which NULL is `\N`. */
function* rowLines({ columns, rows }: Rows): Generator<string> {
  yield serverLine(`rows (${rows.length})`);
  yield dataLine(columns.map(({ name }) => escapeText(name)).join('\t'));
  for (const row of rows) yield dataLine(row.map(cell).join('\t'));
}

interface Rows {
  columns: { name: string }[];
  rows: unknown[][];
}

function isResult(section: object): section is Rows {
  return 'rows' in section && Array.isArray(section.rows) && 'columns' in section;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is worth a line or a column: an empty list is not. */
function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Whether a value fits a line: a text without line breaks, or an object of scalars. */
function isInline(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\n');
  if (typeof value !== 'object' || value === null) return true;
  return !Array.isArray(value) && Object.values(value).every((each) => typeof each !== 'object' || each === null);
}

/** A value in one cell. A list is JSON where a list with commas would be ambiguous. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value) && value.every((each) => isPlain(each))) return value.map((each) => cell(each)).join(', ');
  return typeof value === 'object' ? escapeText(JSON.stringify(value)) : String(value);
}

/** Texts that are taken for two values, for another type, or for nothing. */
const AMBIGUOUS = /,|^\s|\s$|^$|^(true|false|null)$|^[-+.\d]/;

function isPlain(value: unknown): boolean {
  return (
    typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !AMBIGUOUS.test(value))
  );
}

/** A line of data: one that begins like a line of the server is escaped. */
function dataLine(text: string): string {
  return text.startsWith('#') ? `\\${text}` : text;
}

// Also the characters that break a line or reverse the direction of text, those that no one sees, and halves of
// surrogate pairs. The two that choose between the forms of an emoji stay.
const ESCAPED = /[\\\p{Cc}\p{Cs}\u2028\u2029]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

const NAMED: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeText(text: string): string {
  return text.replace(ESCAPED, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return NAMED[character] ?? `\\u{${code.toString(16)}}`;
  });
}
