/** A command to run in a terminal. */

import { inEnvironment } from '../../site/command-line.js';
import { useSite } from '../site-context.js';

/** Longest word that is kept on one line, in characters. */
const MAX_WORD = 28;

/** The command, whose lines end between words only: a break within `--all` would be read as a hyphen. */
export function Command({ children }: { children: string }) {
  const words = inEnvironment(children, useSite().environment).split(' ');
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
