/** A command to run in a terminal. */

import { quoteForShell } from '../../../../cli/src/output/shell.js';
import { type CommandWords, inEnvironment } from '../../site/command-line.js';
import { useShell } from '../shell.js';
import { useSite } from '../site-context.js';

/** Longest word that is kept on one line, in characters. */
const MAX_WORD = 28;

/** The command, as words or as a text without quotes. Its lines end between words only: a hyphen would be read. */
export function Command({ children }: { children: string | CommandWords }) {
  const [shell] = useShell();
  const given = typeof children === 'string' ? children.split(' ') : children;
  const words = inEnvironment(given, useSite().environment).map((word) => quoteForShell(word, shell));
  return (
    <code className="command">
      {words.map((word, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: words may be equal, and have no state
        <span key={index} className={word.length <= MAX_WORD ? 'command-word' : undefined}>
          {index < words.length - 1 ? `${word} ` : word}
        </span>
      ))}
    </code>
  );
}
