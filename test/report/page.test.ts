// The pages that reports are made of: charts, tables, what a hostile name cannot do, and how a real browser shows them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barChart, lineChart } from '../../src/report/chart.ts';
import { escapeMarkdown, html } from '../../src/report/escape.ts';
import { facts, renderPage, section, table } from '../../src/report/page.ts';
import { hasBrowser, launchBrowser } from '../support/browser.ts';

const HOSTILE = `</script><img src=x onerror="alert(1)">'|\u202e`;

describe('text from a model', () => {
  it('is text in HTML, in content and in attributes, and what would reorder it is visible', () => {
    expect(html`<td title="${HOSTILE}">${HOSTILE}</td>`.markup).not.toMatch(/<img|"alert|\u202e/);
    expect(html`<b>${'a & b'}</b>${[html`<i>1</i>`, 2]}${null}`.markup).toBe('<b>a &amp; b</b><i>1</i>2');
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['two\nlines', 'two\\\\u\\{a\\}lines'],
    ['<script>', '&lt;script&gt;'],
    ['[x](http://e.org)', '\\[x\\]\\(http:&#47;&#47;e.org\\)'],
    ['@owner `rm` **x**', '&#64;owner \\`rm\\` \\*\\*x\\*\\*'],
    ['/l/l.1/Add_output_0', '/l/l.1/Add\\_output\\_0'],
  ])('%j is text in a Markdown cell', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});

describe('a chart', () => {
  const points = [0, 1e-7, 1e-3].map((y, x) => ({ x, y, label: `layer ${x}: ${y}` }));
  const chart = { title: 'Errors', x: { label: 'layer' }, y: { label: 'max abs', log: true } };

  it('has a tick of its own for zero on a logarithmic axis, and powers of ten above', () => {
    const { markup } = lineChart({ ...chart, series: [{ name: 'max abs', points }] });
    const ticks = [...markup.matchAll(/text-anchor="end">([^<]+)</g)].map(([, text]) => text);
    expect(ticks.slice(0, 6)).toEqual(['0', '1e-7', '1e-6', '1e-5', '1e-4', '1e-3']);
  });

  it('leaves out what is not finite, and draws nothing at all without complaint', () => {
    const { markup } = lineChart({
      ...chart,
      series: [{ name: 'a', points: [{ x: 0, y: Number.NaN, label: 'n' }] }],
    });
    expect(markup).not.toContain('NaN');
    expect(barChart({ ...chart, bars: [] }).markup).not.toContain('NaN');
  });
});

/** Pairs of texts of the shown drawings that stand one below the other with less than 1.25 of their size between baselines. */
function crowded(page: Page): Promise<string[]> {
  return page.evaluate(`
    [...document.querySelectorAll('svg')].filter((svg) => svg.getClientRects().length > 0).flatMap((svg) => {
      const texts = [...svg.querySelectorAll('text')].map((text) => {
        const { x, width } = text.getBBox();
        return { text: text.textContent, left: x, right: x + width, baseline: Number(text.getAttribute('y')) };
      });
      return texts.flatMap((a, at) => texts.slice(at + 1)
        .filter((b) => a.left < b.right && b.left < a.right && Math.abs(a.baseline - b.baseline) < 15)
        .map((b) => a.text + ' / ' + b.text));
    })
  `);
}

describe.skipIf(!hasBrowser)('the page in a browser (needs Chromium)', () => {
  it('asks for nothing, logs nothing, lets no foreign script run, keeps labels apart, and tells a point under the pointer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-page-'));
    const browser = await launchBrowser();
    try {
      const roc = [0, 0.001, 0.01, 1].map((x, at) => ({ x, y: 0.5 + at / 6, label: `rate ${x}` }));
      const body = html`${section('Facts', facts([['name', HOSTILE]]), table([{ title: 'A' }], [[HOSTILE]]))}${section(
        'Charts',
        lineChart({
          title: 'ROC',
          x: { label: 'false matches', log: true, domain: [1e-4, 1] },
          y: { label: '1 − FNMR', domain: [0, 1] },
          series: [
            { name: 'a', points: roc, shape: 'step' },
            { name: 'b', points: roc },
          ],
          marks: [{ x: 0.001, label: 'threshold' }],
        }),
      )}`;
      const path = join(folder, 'page.html');
      writeFileSync(path, renderPage({ title: `Report of ${HOSTILE}`, body }));
      const page = await browser.newPage({ viewport: { width: 900, height: 900 } });
      const trouble: string[] = [];
      page.on('console', (message) => trouble.push(message.text()));
      page.on('pageerror', (error) => trouble.push(error.message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) trouble.push(request.url());
      });
      await page.goto(pathToFileURL(path).href);
      expect(await page.title()).toContain('<img src=x');
      expect(await page.locator('main img').count()).toBe(0);
      const point = await page.locator('svg.wide circle').nth(2).boundingBox();
      await page.mouse.move(point!.x + 1, point!.y + 1);
      expect(await page.locator('output').textContent()).toBe('rate 0.01');
      expect(await crowded(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 800 });
      expect(await crowded(page)).toEqual([]);
      expect(await page.locator('svg.narrow').isVisible()).toBe(true);
      expect(await page.locator('svg.wide').isVisible()).toBe(false);
      const scroll = await page.evaluate('document.documentElement.scrollWidth');
      expect(scroll).toBeLessThanOrEqual(390);
      expect(trouble).toEqual([]);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
