import { describe, expect, it } from 'vitest';
import { canOpenBrowser } from '../../../src/open/browser.js';
import { renderOpened } from '../../../src/open/view.js';

describe('a browser', () => {
  it('needs a desktop on Linux', () => {
    expect(canOpenBrowser({}, 'linux')).toBe(false);
    expect(canOpenBrowser({ DISPLAY: '' }, 'linux')).toBe(false);
    expect(canOpenBrowser({ DISPLAY: ':0' }, 'linux')).toBe(true);
    expect(canOpenBrowser({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
    expect(canOpenBrowser({ WSL_DISTRO_NAME: 'Debian' }, 'linux')).toBe(true);
    expect(canOpenBrowser({}, 'darwin')).toBe(true);
    expect(canOpenBrowser({}, 'win32')).toBe(true);
  });
});

describe('the output', () => {
  it('has the secret only if the user has to open the URL', () => {
    const url = 'http://127.0.0.1:1/ui/#ticket=secret';
    expect(renderOpened(url, false)).toBe(`${url}\n`);
    expect(renderOpened(url, true)).not.toContain('secret');
  });
});
