// Charts as inline SVG, without a script: lines over linear or logarithmic axes, and bars. Colours are the page's.

import { curveStepAfter, line as linePath } from 'd3-shape';
import { type Html, html, trusted } from './escape.ts';
import { type Axis, createFrame, type Frame, frameMarkup, placed, type Size } from './frame.ts';
import { PICTURE_STYLE } from './style.ts';

export interface Point {
  x: number;
  y: number;
  /** What hovering over the point, or touching it, tells. */
  label: string;
}

export interface Series {
  name: string;
  points: readonly Point[];
  /** `dots` marks every point, `step` holds a value until the next; default: a line. */
  shape?: 'line' | 'dots' | 'step';
}

/** A vertical line with a name, e.g. the place of a threshold. */
export interface Mark {
  x: number;
  label: string;
}

export interface LineChart {
  title: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
  marks?: readonly Mark[];
}

export interface Bar {
  from: number;
  to: number;
  value: number;
  label: string;
}

export interface BarChart {
  title: string;
  x: Axis;
  y: Axis;
  bars: readonly Bar[];
  marks?: readonly Mark[];
}

/** One drawing for desktops and one for phones; the style sheet shows the one that fits. */
const SIZES: readonly Size[] = [
  { name: 'wide', width: 760, height: 300 },
  { name: 'narrow', width: 360, height: 260 },
];

/** Series as lines, steps or dots, with a legend where there are several. Points that are not finite are left out. */
export function lineChart(chart: LineChart): Html {
  const drawings = SIZES.map((size) => {
    const { frame, contents } = lines(chart, size);
    return drawing(chart.title, frame, contents);
  });
  const names = chart.series.map(({ name }) => name);
  return figure(chart.title, drawings, names.length > 1 ? legend(names) : null);
}

/** The same chart as a picture in a file of its own: SVG with its style, title and legend inside, for light ground. */
export function lineChartPicture(chart: LineChart): string {
  const size = SIZES[0]!;
  const { frame, contents } = lines(chart, size);
  const head = 28 + 18 * chart.series.length;
  const keys = chart.series.map(({ name }, at) => {
    const y = 42 + 18 * at;
    return html`<g class="series${at % 4}"><path class="line" d="M${frame.left} ${y}h20"/><text x="${frame.left + 28}" y="${y + 4}">${name}</text></g>`;
  });
  const [width, height] = [size.width, size.height + head];
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${trusted(PICTURE_STYLE)}</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${frame.left}" y="20">${chart.title}</text>${keys}
<g transform="translate(0 ${head})">${frameMarkup(frame)}${contents}</g>
</svg>
`.markup;
}

function lines(chart: LineChart, size: Size): { frame: Frame; contents: Html[] } {
  const series = chart.series.map((each) => ({ ...each, points: each.points.filter(isFinitePoint) }));
  const all = series.flatMap(({ points }) => points);
  const extent = (axis: 'x' | 'y') => ({ axis: chart[axis], values: all.map((point) => point[axis]) });
  const frame = createFrame(size, extent('x'), extent('y'));
  const marks = (chart.marks ?? []).map((mark) => markMarkup(mark, frame));
  return { frame, contents: [...marks, ...series.map((each, at) => seriesMarkup(each, at, frame))] };
}

/** Bars side by side, such as a histogram's. */
export function barChart(chart: BarChart): Html {
  const x = { axis: chart.x, values: chart.bars.flatMap(({ from, to }) => [from, to]) };
  const y = { axis: chart.y, values: [0, ...chart.bars.map(({ value }) => value)] };
  const drawings = SIZES.map((size) => {
    const frame = createFrame(size, x, y);
    return drawing(chart.title, frame, [
      ...chart.bars.map((bar) => barMarkup(bar, frame)),
      ...(chart.marks ?? []).map((mark) => markMarkup(mark, frame)),
    ]);
  });
  return figure(chart.title, drawings, null);
}

function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function drawing(title: string, frame: Frame, contents: readonly Html[]): Html {
  const { name, width, height } = frame.size;
  return html`<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${frameMarkup(frame)}${contents}</svg>`;
}

function figure(title: string, drawings: readonly Html[], keys: Html | null): Html {
  return html`<figure class="chart"><figcaption>${title}</figcaption>${keys}${drawings}</figure>`;
}

function legend(names: readonly string[]): Html {
  const keys = names.map((name, at) => html`<li class="key${at % 4}">${name}</li>`);
  return html`<ul class="legend">${keys}</ul>`;
}

function seriesMarkup({ points, shape }: Series, at: number, frame: Frame): Html {
  const places = points.map((point) => ({ ...placed(frame, point.x, point.y), label: point.label }));
  const path = linePath<{ x: number; y: number }>(
    ({ x }) => x,
    ({ y }) => y,
  );
  if (shape === 'step') path.curve(curveStepAfter);
  const stroke = shape === 'dots' ? null : html`<path class="line" d="${path.digits(1)(places) ?? ''}"/>`;
  const radius = shape === 'dots' || points.length < 80 ? 3 : 1.5;
  const dots = places.map(
    ({ x, y, label }) =>
      html`<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" data-label="${label}"/>`,
  );
  return html`<g class="series${at % 4}">${stroke}${dots}</g>`;
}

function barMarkup({ from, to, value, label }: Bar, frame: Frame): Html {
  const [left, right] = [placed(frame, from, 0).x, placed(frame, to, 0).x];
  const [top, bottom] = [placed(frame, from, value).y, placed(frame, from, 0).y];
  const width = Math.max(1, right - left - 1);
  return html`<rect class="bar" x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}" data-label="${label}"/>`;
}

function markMarkup({ x, label }: Mark, frame: Frame): Html {
  const at = round(placed(frame, x, 0).x);
  const { top, bottom, right } = frame;
  const near = at > right - 120;
  return html`<g class="mark"><line x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/><text x="${near ? at - 4 : at + 4}" y="${top + 10}" text-anchor="${near ? 'end' : 'start'}">${label}</text></g>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
