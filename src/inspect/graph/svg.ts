// The picture as one static SVG file: no scripts, every text escaped, readable in light and dark.
import { badInput } from '../../errors.ts';
import { ARROW, drawLayout, escapeMarkup } from './draw.ts';
import { type Layout, layOut } from './layout.ts';
import { threadLayouter } from './layout-thread.ts';
import { pageFile } from './page-files.ts';
import type { Picture } from './picture-data.ts';
import { openAtFirst, type Visible, visibleBoxes } from './visible.ts';

/** Boxes that a still picture opens: what one can read by zooming, as nothing in it opens later. */
const STILL_BUDGET = 160;

/** Lays out the picture with as many groups open as `budget` boxes allow. */
export async function firstLayout(
  picture: Picture,
  budget: number,
): Promise<{ layout: Layout; visible: Visible; open: Set<number> }> {
  const open = openAtFirst(picture, budget);
  const visible = visibleBoxes(picture, open);
  const layouter = threadLayouter();
  try {
    return { layout: await layOut(layouter, picture, visible, open), visible, open };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput('too-large', `the graph cannot be laid out: ${reason}`, undefined, cause);
  } finally {
    layouter.close();
  }
}

/** The whole SVG document. */
export async function svgDocument(picture: Picture): Promise<string> {
  const { layout, visible } = await firstLayout(picture, STILL_BUDGET);
  const head = headLines(picture, visible, layout);
  const width = Math.ceil(Math.max(layout.width, 420));
  const top = 22 + head.length * 16;
  const height = Math.ceil(layout.height + top);
  const lines = head.map(
    (line, place) =>
      `<text class="${place === 0 ? 'title' : 'fact'}" x="14" y="${place * 16 + 22}">${escapeMarkup(line)}</text>`,
  );
  const style = `${pageFile('picture.css')}svg.picture text.title,svg.picture text.fact{text-anchor:start}svg.picture text.title{font-weight:600}svg.picture text.fact{fill:var(--soft)}svg.picture text.sign{display:none}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">` +
    `<title>${escapeMarkup(picture.title)}</title><style>${style}</style>${ARROW}` +
    `<rect width="100%" height="100%" stroke="none" fill="var(--paper)" style="fill:var(--paper);stroke:none"/>` +
    `${lines.join('')}<g transform="translate(${((width - layout.width) / 2).toFixed(1)} ${top})">${drawLayout(picture, layout)}</g></svg>\n`
  );
}

/** What stands above a still picture. */
function headLines(picture: Picture, visible: Visible, layout: Layout): string[] {
  const closed = visible.boxes.filter((index) => {
    const box = picture.boxes[index]!;
    return box.node === null && !visible.boxes.some((inner) => picture.boxes[inner]!.parent === index);
  }).length;
  const notes = [
    ...picture.facts.map(([name, value]) => `${name}: ${value}`),
    ...picture.notes,
    ...(closed > 0 ? [`${closed} groups are closed: --graph out.html opens them`] : []),
    ...(layout.dropped > 0 ? [`${layout.dropped} links are not drawn: too many between what is shown`] : []),
  ];
  return [picture.title, ...notes].map((line) => (line.length > 110 ? `${line.slice(0, 109)}…` : line));
}
