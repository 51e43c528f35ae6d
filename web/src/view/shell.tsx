/** The shell that commands are written for: that of the reader's system, or the one that was chosen. */

import { createContext, useContext, useEffect, useState } from 'react';
import type { Shell } from '../../../cli/src/output/shell.js';

const TITLES: Record<Shell, string> = { posix: 'sh, bash, zsh', powershell: 'PowerShell' };

/** Key in the storage of the browser. */
const KEY = 'ktx-shell';

type ShellState = [shell: Shell, choose: (shell: Shell) => void];

const ShellContext = createContext<ShellState>(['posix', () => {}]);

/** The shell, and the function that chooses another one. */
export function useShell(): ShellState {
  return useContext(ShellContext);
}

/** Provides the shell to all components below. The HTML has commands for POSIX shells, which the first render equals. */
export function ShellProvider({ children }: { children: React.ReactNode }) {
  const [shell, setShell] = useState<Shell>('posix');
  useEffect(() => setShell(storedShell() ?? (isWindows() ? 'powershell' : 'posix')), []);
  const choose = (chosen: Shell) => {
    setShell(chosen);
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // The browser refuses storage: the choice lasts for this page.
    }
  };
  return <ShellContext.Provider value={[shell, choose]}>{children}</ShellContext.Provider>;
}

/** The switch, which needs a script. */
export function ShellSwitch() {
  const [shell, choose] = useShell();
  return (
    <label className="shell-switch">
      Commands for{' '}
      <select value={shell} onChange={({ target }) => choose(target.value as Shell)}>
        {Object.entries(TITLES).map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function storedShell(): Shell | undefined {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'posix' || stored === 'powershell' ? stored : undefined;
  } catch {
    return undefined;
  }
}

function isWindows(): boolean {
  return /\bWindows\b/.test(navigator.userAgent);
}
