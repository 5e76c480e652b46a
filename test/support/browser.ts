// A real browser for tests of pages: an installed Chromium, driven by playwright-core.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = [
  process.env.TK_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

/**
 * True where a browser is installed; use as `describe.skipIf(!hasBrowser)` with a title that says "needs Chromium". In CI
 * it is always true, so that a missing browser fails there instead of skipping.
 */
export const hasBrowser: boolean = executablePath !== undefined || process.env.CI === 'true';

/** Starts the browser, without the network traffic of its own that it would begin with. @throws where none is installed */
export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('no Chromium found: install one or name it in TK_CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
