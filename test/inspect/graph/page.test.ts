// The page that `tk inspect --graph out.html` writes, in a real browser, as a reader uses it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectAny } from '../../../src/inspect/any.ts';
import { drawGraph } from '../../../src/inspect/graph/graph.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';
import { repoRoot } from '../../support/shared.ts';
import { chainOf, HOSTILE_NAMES, writeGraphDef } from './models.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-page-'));
const tiny = join(repoRoot, 'fixtures/tiny_face/model.onnx');
const options = join(repoRoot, 'fixtures/saved_models/options');

describe.skipIf(!hasBrowser)('the page of a graph (needs Chromium)', () => {
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|blob):/.test(request.url())) complaints.push(`request of ${request.url()}`);
    });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function open(model: string): Promise<void> {
    const path = join(scratch, 'page.html');
    await drawGraph(await inspectAny(model), path);
    await page.goto(pathToFileURL(path).href);
  }

  const box = (label: string) => page.locator('#view [data-box]').filter({ hasText: label });
  const details = () => page.locator('#node').textContent();

  /** Whether a box is wholly within what is seen of the picture. */
  async function isInView(label: string): Promise<boolean> {
    const place = await box(label).first().boundingBox();
    const frame = await page.locator('#picture').boundingBox();
    if (!place || !frame) return false;
    const fits = (start: number, length: number, from: number, room: number) =>
      start >= from && start + length <= from + room;
    return (
      fits(place.x, place.width, frame.x, frame.width) && fits(place.y, place.height, frame.y, frame.height)
    );
  }

  /** Waits until the details are those of the node of that name. */
  async function shown(name: string): Promise<void> {
    await page.locator('#node .path').filter({ hasText: name }).waitFor();
  }

  async function search(text: string, name: string): Promise<void> {
    await page.locator('#search').fill(text);
    await page.keyboard.press('Enter');
    await shown(name);
  }

  it('shows the model, and a node with its true values', async () => {
    await open(tiny);
    expect(await page.locator('#about').textContent()).toContain('14 nodes, 14 links');
    expect(await page.locator('#view .node').count()).toBe(14);
    await box('depthwise/Conv').first().click();
    const text = await details();
    // fixtures/tiny_face/make.py: a depthwise convolution of 8 channels, stride 2.
    for (const value of [
      'model/depthwise/Conv',
      'group',
      '8',
      'model.depthwise.weight',
      'float32 [8,1,3,3]',
      'model/Relu',
    ]) {
      expect(text).toContain(value);
    }
    await page.locator('#node').getByRole('button', { name: 'model/Relu' }).click();
    await shown('model/Relu');
    expect(await page.locator('#node h2').textContent()).toBe('Relu');
  });

  it('opens a group and closes it again, at its place', async () => {
    await open(tiny);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    const group = page.locator('.group.closed');
    await group.first().waitFor();
    expect(await group.count()).toBe(1);
    expect(await group.locator('text').allTextContents()).toEqual([
      '+',
      'model',
      '11 nodes',
      'Conv ×3, PRelu ×2, Relu',
    ]);
    const before = await group.boundingBox();
    await group.click();
    await page.locator('.group.open').waitFor();
    expect(await page.locator('#view .node').count()).toBe(14);
    const after = await page.locator('.group.open').boundingBox();
    expect(Math.abs(after!.y - before!.y)).toBeLessThan(8);
    await page.locator('.group.open .toggle').focus();
    await page.keyboard.press('Enter');
    await group.waitFor();
    expect(await page.locator('#view .node').count()).toBe(3);
  });

  it('finds a node by its name within closed groups, and by its signature', async () => {
    await open(options);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.locator('.group.closed').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('MERGEV2checkpoints');
    await page.keyboard.press('Enter');
    await shown('StatefulPartitionedCall/MergeV2Checkpoints');
    expect(await page.locator('.marked.node').count()).toBe(1);
    expect(await isInView('MergeV2Checkpoints')).toBe(true);
    await search('serving_default: output_0', 'PartitionedCall_1:0');
    expect(await details()).toContain('float32 [?,3,8,8]');
  });

  it('zooms about the pointer, moves by dragging and by keys, and shows all again', async () => {
    await open(tiny);
    const target = box('conv1/Conv').first();
    const start = (await target.boundingBox())!;
    await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await page.mouse.wheel(0, -400);
    const zoomed = (await target.boundingBox())!;
    expect(zoomed.width / start.width).toBeCloseTo(Math.exp(400 * 0.0016), 1);
    expect(zoomed.x + zoomed.width / 2).toBeCloseTo(start.x + start.width / 2, 0);
    await page.mouse.down();
    await page.mouse.move(start.x + start.width / 2 + 60, start.y + start.height / 2 + 40, { steps: 4 });
    await page.mouse.up();
    const dragged = (await target.boundingBox())!;
    expect([dragged.x - zoomed.x, dragged.y - zoomed.y].map(Math.round)).toEqual([60, 40]);
    expect(await page.locator('#node').isHidden()).toBe(true);
    await page.keyboard.press('ArrowRight');
    expect(Math.abs((await target.boundingBox())!.x - dragged.x + 80)).toBeLessThan(2);
    await page.keyboard.press('0');
    for (const label of ['image', 'quality']) expect(await isInView(label)).toBe(true);
  });

  it('zooms by two fingers', async () => {
    await page.close();
    page = await browser.newPage({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    await open(tiny);
    const width = async () => (await box('conv1/Conv').first().boundingBox())!.width;
    const before = await width();
    const client = await page.context().newCDPSession(page);
    const fingers = (gap: number) => [
      { x: 195 - gap, y: 400, id: 0 },
      { x: 195 + gap, y: 400, id: 1 },
    ];
    await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(40) });
    for (const gap of [50, 60, 70, 80]) {
      await client.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(gap) });
    }
    await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    expect((await width()) / before).toBeGreaterThan(1.6);
  });

  it('has room for a finger on a phone, and shows what was picked of the list', async () => {
    await page.close();
    page = await browser.newPage({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    await open(tiny);
    await page.locator('#search').fill('depthwise');
    const sizes = await page
      .locator('header button:visible, #search')
      .evaluateAll((controls) =>
        controls
          .map((control) => control.getBoundingClientRect())
          .map(({ width, height }) => [width, height]),
      );
    expect(sizes.length).toBeGreaterThan(6);
    for (const [width, height] of sizes) expect(Math.min(width!, height!)).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.locator('#found button').first().tap();
    await shown('model/depthwise/Conv');
    expect(await page.isVisible('#found')).toBe(false);
  });

  it('fits a phone: nothing is wider than the window, and details lie over the lower part', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await open(tiny);
    const widest = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await widest()).toBe(390);
    await search('gemm', 'model/fc/Gemm');
    expect(await isInView('fc/Gemm')).toBe(true);
    const panel = (await page.locator('#details').boundingBox())!;
    const node = (await box('fc/Gemm').first().boundingBox())!;
    expect(node.y + node.height).toBeLessThan(panel.y);
    expect(await widest()).toBe(390);
  });

  it('takes hostile names for nothing but names', async () => {
    await open(writeGraphDef(join(scratch, 'hostile.pb'), chainOf(HOSTILE_NAMES)));
    for (const name of ['<script>', 'onerror', '</script>', '__proto__', 'mmm']) await search(name, name);
    expect(await page.evaluate('globalThis.harmed')).toBeUndefined();
  });
});
