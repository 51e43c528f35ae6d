/** What a page says if there is nothing to show. */

import { Command } from './command.js';

/** A sentence, and the command that makes what is missing. */
export function Missing({ children, command }: { children: React.ReactNode; command: string[] }) {
  return (
    <p className="notice">
      {children} Run: <Command>{command}</Command>
    </p>
  );
}
