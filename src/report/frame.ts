// A chart's axes: scales from values to the drawing, grid, ticks and labels.
import { scaleLinear, scaleLog } from 'd3-scale';
import { type Html, html } from './escape.ts';

export interface Axis {
  label: string;
  /** Powers of ten; what is 0 or less stands at the lower end, under a tick of its own called 0. */
  log?: boolean;
  /** Default: from the least to the greatest value shown. */
  domain?: readonly [number, number];
  /** How a tick is written; default: as short as its digits allow. */
  format?: (value: number) => string;
}

export interface Size {
  name: string;
  width: number;
  height: number;
}

/** An axis and every value that it must show. */
export interface Extent {
  axis: Axis;
  values: readonly number[];
}

interface Tick {
  at: number;
  text: string;
}

export interface Frame {
  size: Size;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: Scale;
  y: Scale;
  labels: { x: string; y: string };
}

interface Scale {
  place(value: number): number;
  ticks: Tick[];
}

const MARGIN = { left: 58, right: 14, top: 30, bottom: 40 };
/** The share of a logarithmic axis that is kept for 0. */
const ZERO_SHARE = 0.1;

/** The axes of a drawing. */
export function createFrame(size: Size, x: Extent, y: Extent): Frame {
  const left = MARGIN.left;
  const right = size.width - MARGIN.right;
  const top = MARGIN.top;
  const bottom = size.height - MARGIN.bottom;
  return {
    ...{ size, left, right, top, bottom },
    x: createScale(x, [left, right], size.width / 80),
    y: createScale(y, [bottom, top], size.height / 50),
    labels: { x: x.axis.label, y: y.axis.label },
  };
}

/** Where a value stands in the drawing, kept inside the axes. */
export function placed(frame: Frame, x: number, y: number): { x: number; y: number } {
  return { x: frame.x.place(x), y: frame.y.place(y) };
}

/** Grid, ticks and the axes' labels. */
export function frameMarkup({ left, right, top, bottom, x, y, labels }: Frame): Html {
  const rows = y.ticks.map(
    ({ at, text }) =>
      html`<line x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text x="${left - 6}" y="${at + 4}" text-anchor="end">${text}</text>`,
  );
  const columns = x.ticks.map(
    ({ at, text }) =>
      html`<line x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 4}"/><text x="${at}" y="${bottom + 19}" text-anchor="middle">${text}</text>`,
  );
  return html`<g class="axes">${rows}${columns}<text class="label" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${labels.x}</text><text class="label" x="4" y="${top - 16}">${labels.y}</text></g>`;
}

function createScale({ axis, values }: Extent, range: [number, number], ticks: number): Scale {
  return axis.log ? logScale(axis, values, range, ticks) : linearScale(axis, values, range, ticks);
}

function linearScale(axis: Axis, values: readonly number[], range: [number, number], count: number): Scale {
  const [low, high] = axis.domain ?? extremes(values);
  const scale = scaleLinear()
    .domain(low === high ? [low - 0.5, high + 0.5] : [low, high])
    .range(range)
    .clamp(true);
  const format = axis.format ?? scale.tickFormat(count);
  return {
    place: (value) => scale(value),
    ticks: scale.ticks(count).map((value) => ({ at: rounded(scale(value)), text: format(value) })),
  };
}

function logScale(axis: Axis, values: readonly number[], range: [number, number], count: number): Scale {
  const positive = values.filter((value) => value > 0);
  const [low, high] = axis.domain ?? powers(positive);
  const hasZero = axis.domain === undefined && positive.length < values.length;
  const start = hasZero ? range[0] + (range[1] - range[0]) * ZERO_SHARE : range[0];
  const scale = scaleLog().domain([low, high]).range([start, range[1]]).clamp(true);
  const exponents = Math.round(Math.log10(high / low));
  const step = Math.max(1, Math.ceil(exponents / count));
  const shown = Array.from({ length: Math.floor(exponents / step) + 1 }, (_, at) => low * 10 ** (at * step));
  const format = axis.format ?? power;
  return {
    place: (value) => (value > 0 ? scale(value) : range[0]),
    ticks: [
      ...(hasZero ? [{ at: range[0], text: '0' }] : []),
      ...shown.map((value) => ({ at: rounded(scale(value)), text: format(value) })),
    ],
  };
}

/** Powers of ten around positive values; one decade where there is none. */
function powers(positive: readonly number[]): [number, number] {
  if (positive.length === 0) return [1e-9, 1e-8];
  const [least, greatest] = extremes(positive);
  const low = Math.floor(Math.log10(least));
  return [10 ** low, 10 ** Math.max(low + 1, Math.ceil(Math.log10(greatest)))];
}

function extremes(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function power(value: number): string {
  return `1e${Math.round(Math.log10(value))}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
