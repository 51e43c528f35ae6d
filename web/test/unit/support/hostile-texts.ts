/** Texts that a shell, a flag or JSON could misread. */
export const HOSTILE = [
  "it's; rm -rf / #",
  '$(touch x) `id` $HOME "quoted" \\ back\\\\slash',
  'two\nlines\tand tab',
  '--execute',
  "''",
  'EOF\nEOF',
  '*?[a]{b,c}~!&|<>',
  'כותרת עברית 😀 \u202e',
  '-',
  '%s %d',
];
