import { describe, expect, it } from 'vitest';
import { embedJson, escapeHtml } from '../../src/node/markup.js';

describe('JSON in HTML', () => {
  it('cannot end its element, and is the same value', () => {
    const value = { name: '</script><script>alert(1)</script><!--\u2028&amp;"' };
    const text = embedJson(value);
    expect(text).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe('text in HTML', () => {
  it('has no markup', () => {
    expect(escapeHtml(`<a href="x">'&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;');
  });
});
