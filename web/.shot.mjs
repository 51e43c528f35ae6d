import { chromium } from 'playwright-core';

const [url, out, w = '1280', scheme = 'light'] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const p = await b.newPage({ viewport: { width: +w, height: 800 }, colorScheme: scheme });
p.on('console', (m) => console.log('console', m.text()));
p.on('pageerror', (e) => console.log('err', e.message));
await p.goto(url);
await p.waitForTimeout(500);
await p.screenshot({ path: out });
await b.close();
