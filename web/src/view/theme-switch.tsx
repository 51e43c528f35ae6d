/** Switch between the colours of the system, light and dark. */

import { useEffect, useState } from 'react';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const TITLES: Record<Theme, string> = { system: 'Auto', light: 'Light', dark: 'Dark' };

/** Key in the storage of the browser. */
const KEY = 'ktx-theme';

/** The switch, which needs a script and is not shown without one. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>();
  useEffect(() => setTheme(storedTheme()), []);
  useEffect(() => {
    if (theme === undefined) return;
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // The browser refuses storage: the theme lasts for this page.
    }
  }, [theme]);
  if (theme === undefined) return null;
  return (
    <label className="theme-switch">
      <span className="visually-hidden">Colours</span>
      <select value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {TITLES[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((name) => name === stored) ?? 'system';
  } catch {
    return 'system';
  }
}
