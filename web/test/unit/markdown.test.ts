import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { parseHtml } from '../../src/pages/note/html-tree.js';
import { parseMarkdown } from '../../src/pages/note/markdown.js';
import { NoteText } from '../../src/pages/note/note-text.js';
import { withinTime } from '../../src/pages/note/time-limit.js';
import type { Site } from '../../src/site/site.js';
import { SiteProvider } from '../../src/view/site-context.js';

const path = 'notes/a/b.md';
const paths = new Set([path, 'notes/c d.md', 'notes/a/é.md']);
const site: Site = {
  ...{ project: 'p', connections: [], environment: null, live: false, generatedAt: '' },
  route: { page: 'note', name: path },
};

function render(text: string, title = ''): string {
  const nodes = parseMarkdown({ path, title, text, paths }) ?? [];
  return renderToStaticMarkup(createElement(SiteProvider, { value: site }, createElement(NoteText, { nodes })));
}

it('does not format what becomes too long', () => {
  const columns = 3000;
  const row = (cell: string) => `|${`${cell}|`.repeat(columns)}\n`;
  const text = `${row('a')}${row('-')}${'|a|\n'.repeat(60)}`;
  expect(parseMarkdown({ path, title: '', text, paths })).toBeUndefined();
});

describe('Markdown of a hostile author', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<style>body { display: none }</style>',
    '<iframe src="https://evil.example"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<p style="color:red" onclick="x()">x</p>',
    'text <b onmouseover=x()>bold</b>',
    '<!-- comment --> <?php x ?> <![CDATA[x]]>',
    '```"><script>alert(1)</script>\nx\n```',
    '# <script>alert(1)</script>',
    '| <script> |\n|--|\n| <script>x</script> |',
    '[^1]\n\n[^1]: <script>x</script>',
    '[^"><script>]\n\n[^"><script>]: x',
  ])('keeps no markup of %s', (text) => {
    expect(render(text)).not.toMatch(/<(?:script|img|svg|style|iframe|b|div|input)\b|<[^>]*\s(?:on\w+|style)=/);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\nscript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](\u0001javascript:alert(1))',
    '[x](vbscript:x)',
    '[x](data:text/html,<script>x</script>)',
    '[x](file:///etc/passwd)',
    '[x](//evil.example/x)',
    '[x](/etc/passwd)',
    '[x](../../../ktx.yaml)',
    '[x](xmpp:a@b)',
    '<javascript:alert(1)>',
    '[x]: javascript:alert(1)\n\n[x]',
  ])('has no link in %s', (text) => expect(render(text)).not.toContain('<a'));

  it('loads no image', () => {
    const html = render('![a *b*](https://evil.example/x.png "t") ![](x.png) [![c](y.png)](https://example.com)');
    expect(html).not.toMatch(/<img|\.png/);
    expect(html).toContain('[image: a b]');
  });

  it('is not nested without limits', () => {
    const html = render(`${'>'.repeat(500)} deep\n\n${'* '.repeat(200)}x\n\n${'**a '.repeat(500)}`);
    expect(html).toContain('deep');
    expect(html.match(/<(?:blockquote|ul)/g)?.length).toBeLessThan(60);
  });

  it('cannot take the ids of the page', () => {
    expect(render('# root\n\n# page-data\n\n# content\n')).not.toMatch(/id="(?!note-)/);
  });
});

describe('a note', () => {
  it('has its headings below the title of the page, without gaps', () => {
    const tags = render('# Title\n\n## One\n\n##### Deep\n\n## Two\n\n# Top', 'Title').match(/<h\d/g);
    expect(tags).toEqual(['<h2', '<h3', '<h2', '<h2']);
    expect(render('# Other', 'Title')).toContain('<h2');
  });

  it('has links to other notes, to parts of itself and to the web', () => {
    expect(render('[x](../c%20d.md#part)')).toContain('<a href="../note/notes~2fc~20d.md.html">x</a>');
    expect(render('[x](é.md)')).toContain('href="../note/notes~2fa~2f~c3~a9.md.html"');
    expect(render('# Net income!\n\n[x](#net-income)')).toMatch(/id="note-net-income".*href="#note-net-income"/s);
    expect(render('<https://example.com/?a=1&b>')).toContain('href="https://example.com/?a=1&amp;b" rel="noreferrer');
    expect(render('[x](missing.md)')).toBe('<p dir="auto">x</p>');
  });

  it('has tables, tasks, code and footnotes', () => {
    expect(render('|a|b|\n|:-|-:|\n|1|2|')).toMatch(/<th scope="col" dir="auto"|<th dir="auto" scope="col"/);
    expect(render('- [x] a\n- [ ] b')).toMatch(/Done:.*To do:/s);
    expect(render('```sql\nSELECT 1 < 2\n```')).toContain('SELECT 1 &lt; 2');
    expect(render('x[^1]\n\n[^1]: y')).toMatch(/href="#note-fn-1".*id="note-fn-1".*href="#note-fnref-1"/s);
    expect(render('3. a\n4. b')).toContain('start="3"');
  });

  it('numbers headings of the same text', () => {
    expect(render('# A\n\n# A')).toMatch(/id="note-a".*id="note-a-1"/s);
  });
});

describe('the tree of HTML', () => {
  it('leaves out what Markdown does not have', () => {
    expect(parseHtml('<p onclick="x" class="y">a<object data="z">b</object>&lt;c</p>')).toEqual([
      { tag: 'p', attributes: {}, children: ['a', '<c'] },
    ]);
  });

  it('takes end tags that open nothing, and elements that do not end', () => {
    expect(parseHtml('</p>a<em>b')).toEqual(['a', { tag: 'em', attributes: {}, children: ['b'] }]);
  });
});

describe('the limit of time', () => {
  it('ends a function that does not end', () => {
    let steps = 0;
    const endless = () => {
      while (Number.isFinite(steps)) steps += 1;
    };
    expect(withinTime(50, endless)).toBeUndefined();
    expect(steps).toBeGreaterThan(0);
  });

  it('returns results and errors', () => {
    expect(withinTime(1000, () => ['x'])).toEqual(['x']);
    const fail = () => {
      throw new TypeError('no');
    };
    expect(() => withinTime(1000, fail)).toThrow('no');
  });
});

describe('properties before the text', () => {
  it('are code, not a heading', () => {
    const html = render('---\ntitle: Revenue\ntables: [a]\n---\n## Definition\ntext', 'Definition');
    expect(html).toContain('title: Revenue\ntables: [a]');
    expect(html).not.toMatch(/<h|<hr/);
    expect(html).toContain('text');
  });

  it('begin with a key: lines around other text are Markdown', () => {
    expect(render('---\nno key\n\n---\ntext')).toContain('<hr');
  });
});
