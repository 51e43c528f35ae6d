/** Widths of texts in drawings, where nothing can be measured: in cells, the width of a letter in a fixed-width font. */

/** Width of a cell as a share of the font's size; it is 0.602 in most fixed-width fonts. */
const CELL_WIDTH = 0.61;

/** A grapheme has few characters, but may have any number of them. */
const MAX_MARKS = 4;

/** Characters of two cells: Chinese, Japanese and Korean letters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

/** Characters without a width: accents, and marks of format such as the direction of writing. */
const MARK = /\p{M}|\p{Cf}/u;

/** Width of a text in pixels; the size of the font is in pixels too. */
export function widthOf(text: string, fontSize: number): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells * fontSize * CELL_WIDTH;
}

/** Number of cells in a width. */
export function cellsIn(width: number, fontSize: number): number {
  return Math.floor(width / (fontSize * CELL_WIDTH));
}

/** Cuts a text to a number of cells, with an ellipsis in place of the rest. White space becomes single spaces. */
export function fitText(text: string, cells: number): string {
  // The rest of a long text is not looked at.
  const start = text.slice(0, cells * MAX_MARKS).replace(/\s+/g, ' ');
  let used = 0;
  let length = 0;
  let lengthWithEllipsis = 0;
  for (const character of start) {
    used += cellsOf(character);
    if (used > cells) break;
    length += character.length;
    if (used < cells) lengthWithEllipsis = length;
  }
  const isWhole = length === start.length && text.length <= cells * MAX_MARKS;
  return isWhole ? start : `${start.slice(0, lengthWithEllipsis)}…`;
}

function cellsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
