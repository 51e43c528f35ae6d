/** Literals and names in the expressions of filters, which are SQL in the dialect of the connection. */

/** SQL dialects by the names of drivers whose dialect has another name. */
const DIALECTS: Record<string, string> = {
  mariadb: 'mysql',
  postgresql: 'postgres',
  spark: 'databricks',
  files: 'duckdb',
  mssql: 'tsql',
  sqlserver: 'tsql',
};

/** Dialects in which a backslash in a text escapes the next character. */
const BACKSLASH_ESCAPES = new Set(['bigquery', 'clickhouse', 'databricks', 'mysql', 'redshift', 'snowflake']);

/** Dialects in which a doubled quote does not stand for a quote. */
const QUOTE_BY_BACKSLASH = new Set(['bigquery', 'databricks']);

/** Dialects that quote names by backticks. */
const BACKTICKS = new Set(['bigquery', 'databricks', 'mysql']);

/** Dialects whose patterns have no `ESCAPE`, or need none: a backslash escapes. */
const BACKSLASH_PATTERNS = new Set(['bigquery', 'clickhouse', 'databricks']);

/** Words that are no names after a dot without quotes. */
const RESERVED = new Set(['mod', 'not', 'select']);

/** The dialect of a driver; of one of SQLAlchemy, the name before the plus sign. */
export function dialectOf(driver: string): string {
  const name = driver.trim().toLowerCase().split('+')[0] ?? '';
  return DIALECTS[name] ?? name;
}

/** A text as a literal. */
export function textLiteral(text: string, dialect: string): string {
  const escaped = BACKSLASH_ESCAPES.has(dialect) ? text.replaceAll('\\', '\\\\') : text;
  return `'${escaped.replaceAll("'", QUOTE_BY_BACKSLASH.has(dialect) ? "\\'" : "''")}'`;
}

/** A name in quotes. */
export function quotedName(name: string, dialect: string): string {
  if (dialect === 'bigquery') return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
  if (BACKTICKS.has(dialect)) return `\`${name.replaceAll('`', '``')}\``;
  const escaped = dialect === 'clickhouse' ? name.replaceAll('\\', '\\\\') : name;
  return `"${escaped.replaceAll('"', '""')}"`;
}

/** A field of a source or role as an expression: in quotes as far as it needs them. */
export function fieldExpression(source: string, name: string, dialect: string): string {
  return [source, name].map((part) => (isPlain(part) ? part : quotedName(part, dialect))).join('.');
}

/** Whether a part of a name needs no quotes. */
function isPlain(part: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) && !RESERVED.has(part.toLowerCase());
}

/** The condition that a text contains another one, whose `%` and `_` stand for themselves. */
export function containsCondition(field: string, text: string, dialect: string): string {
  if (!/[%_!\\]/.test(text)) return `${field} like ${textLiteral(`%${text}%`, dialect)}`;
  if (BACKSLASH_PATTERNS.has(dialect)) {
    return `${field} like ${textLiteral(`%${text.replace(/[%_\\]/g, '\\$&')}%`, dialect)}`;
  }
  return `${field} like ${textLiteral(`%${text.replace(/[%_!]/g, '!$&')}%`, dialect)} escape '!'`;
}
