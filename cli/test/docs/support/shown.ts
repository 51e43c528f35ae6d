/** Matches the output of a command against the output on a page. */

/** Wildcard: any lines if alone on a line, any text within a line. */
const WILDCARD = '…';

/** Matches the output of a failing command. */
export const FAILS = /^(Error: |FAIL )/m;

/**
 * Pattern for the complete output. Widths of columns and durations may differ; everything else must be equal.
 */
export function patternOf(shown: string): RegExp {
  const lines = withoutWidths(shown).split('\n');
  const parts = lines.map((line) => (line.trim() === WILDCARD ? '(?:.*\\n)*?' : `${linePattern(line)}\\n`));
  return new RegExp(`^${parts.join('')}\\n*$`);
}

/** Normalises an output for the pattern; the final line break may be missing. */
export function outputOf(text: string): string {
  return `${withoutWidths(text)}\n`;
}

function withoutWidths(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/(?<=\S) {2,}/g, '  ').trimEnd())
    .join('\n');
}

function linePattern(line: string): string {
  return line
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll(WILDCARD, '.*?')
    .replace(/\b\d+(\\\.\d+)? (ms|s)\b/g, '[\\d.]+ m?s');
}
