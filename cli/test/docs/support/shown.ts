/** Whether an output is what a page shows of it. */

/** Stands for anything: alone on a line for any lines, within a line for any text. */
const ANYTHING = '…';

/** What a page shows of a command that fails. */
export const FAILS = /^(Error: |FAIL )/m;

/**
 * The pattern that an output has to fit, whole. Widths of columns and durations differ from machine to machine; all else
 * has to be there as it is shown.
 */
export function patternOf(shown: string): RegExp {
  const lines = withoutWidths(shown).split('\n');
  const parts = lines.map((line) => (line.trim() === ANYTHING ? '(?:.*\\n)*?' : `${linePattern(line)}\\n`));
  return new RegExp(`^${parts.join('')}\\n*$`);
}

/** An output in the form that the pattern is made for; its last line may lack an end. */
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
    .replaceAll(ANYTHING, '.*?')
    .replace(/\b\d+(\\\.\d+)? (ms|s)\b/g, '[\\d.]+ m?s');
}
