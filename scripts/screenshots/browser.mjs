// Takes images of live pages in Chromium.
import process from 'node:process';
import { chromium } from 'playwright-core';
import { serveProject } from '../../web/test/support/serve-project.mjs';
import { reduceColours } from './palette.mjs';

const EXECUTABLE = process.env.KTX_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--hide-scrollbars',
];
const VIEWPORT = { width: 1280, height: 800 };

/** Runs a function with one that takes an image of a view; `projects` are folders by their names. */
export async function withScreenshots(projects, use) {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  const servers = {};
  try {
    for (const [name, folder] of Object.entries(projects)) servers[name] = await serveProject(folder);
    await use((screenshot, colorScheme) => take(browser, servers[screenshot.project], screenshot, colorScheme));
  } finally {
    await browser.close();
    for (const server of Object.values(servers)) await server.stop();
  }
}

async function take(browser, server, { path, run }, colorScheme) {
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme, reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    await page.goto(await server.signInUrl());
    await page.locator('#root').waitFor();
    await page.goto(`${server.url}${path}`);
    await page.locator('.theme-switch').waitFor({ state: 'attached' });
    await run?.(page);
    // Fonts are there, and the layout is that of the window.
    await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
    return reduceColours(await page.screenshot());
  } finally {
    await context.close();
  }
}
