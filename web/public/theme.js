// Sets the colours that were chosen before the page is painted. The rest is `src/view/theme-switch.tsx`.
try {
  const theme = localStorage.getItem('ktx-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // The browser refuses storage.
}
