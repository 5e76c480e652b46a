// The page's style sheet: one column, light and dark, from a phone's width to a desktop's.

const LIGHT = `  --ground: #ffffff; --panel: #f6f7f9; --text: #1a1d21; --quiet: #5c6570; --rule: #dfe3e8;
  --good: #0a7a3d; --bad: #c0202b; --good-ground: #e4f5ea; --bad-ground: #fdeaea;
  --series0: #1f6fd0; --series1: #c9570c; --series2: #128564; --series3: #8a46b8;
`;

const CHART_STYLE = `svg text { font: 12px system-ui, sans-serif; fill: var(--quiet); }
svg .axes line { stroke: var(--rule); }
svg .line { fill: none; stroke-width: 1.5; }
svg .series0 .line { stroke: var(--series0); } svg .series0 circle { fill: var(--series0); }
svg .series1 .line { stroke: var(--series1); } svg .series1 circle { fill: var(--series1); }
svg .series2 .line { stroke: var(--series2); } svg .series2 circle { fill: var(--series2); }
svg .series3 .line { stroke: var(--series3); } svg .series3 circle { fill: var(--series3); }
svg .bar { fill: var(--series0); } svg .bar.on { fill: var(--text); }
svg circle.on { stroke: var(--text); stroke-width: 3px; }
svg .mark line { stroke: var(--bad); stroke-dasharray: 4 3; } svg .mark text { fill: var(--bad); }
`;

export const STYLE: string = `
:root {
${LIGHT}}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --panel: #1d2125; --text: #e8eaed; --quiet: #9aa4af; --rule: #343a41;
    --good: #5fd08d; --bad: #ff8a8a; --good-ground: #14301f; --bad-ground: #3b1a1c;
    --series0: #5ea2f2; --series1: #f0914a; --series2: #3fbf99; --series3: #c08be6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 16px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 10px; padding-bottom: 6px; border-bottom: 1px solid var(--rule); }
h3 { font-size: 15px; margin: 20px 0 8px; overflow-wrap: anywhere; }
p { margin: 8px 0; overflow-wrap: anywhere; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { font: 13px/1.5 ui-monospace, monospace; background: var(--panel); border-radius: 6px; padding: 10px 12px; overflow-x: auto; }
.quiet { color: var(--quiet); }
.verdict { border-radius: 8px; padding: 14px 16px; font-size: 17px; overflow-wrap: anywhere; }
.verdict strong { display: block; font-size: 20px; }
.verdict.good { background: var(--good-ground); } .verdict.good strong, .good { color: var(--good); }
.verdict.bad { background: var(--bad-ground); } .verdict.bad strong, .bad { color: var(--bad); }
dl { margin: 12px 0; display: grid; gap: 6px 18px; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); }
dl div { min-width: 0; } dt { color: var(--quiet); font-size: 13px; } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { color: var(--quiet); font-weight: 500; font-size: 13px; white-space: nowrap; }
td { overflow-wrap: break-word; max-width: 21em; }
details { margin: 10px 0; } summary { cursor: pointer; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: 18px 0; position: relative; }
figcaption { font-weight: 500; overflow-wrap: anywhere; }
figure output {
  position: absolute; transform: translate(-50%, calc(-100% - 10px)); max-width: min(320px, 90%); width: max-content;
  background: var(--text); color: var(--ground); padding: 5px 9px; border-radius: 6px; font-size: 13px; line-height: 1.35;
  white-space: pre-line; overflow-wrap: anywhere; pointer-events: none;
}
figure output[hidden] { display: none; }
svg { width: 100%; height: auto; display: block; touch-action: pan-y; border-radius: 4px; }
svg:focus-visible { outline: 2px solid var(--series0); }
${CHART_STYLE}.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 4px 0; padding: 0; font-size: 13px; color: var(--quiet); }
.legend li::before { content: ''; display: inline-block; width: 12px; height: 3px; margin-right: 6px; vertical-align: middle; }
.key0::before { background: var(--series0); } .key1::before { background: var(--series1); }
.key2::before { background: var(--series2); } .key3::before { background: var(--series3); }
.images { display: flex; flex-wrap: wrap; gap: 12px; }
.images figure { margin: 0; } .images img { display: block; width: 144px; image-rendering: pixelated; border-radius: 4px; }
.images figcaption { font-size: 12px; font-weight: 400; color: var(--quiet); max-width: 144px; }
svg.narrow { display: none; }
@media (max-width: 560px) {
  main { padding: 16px 14px 48px; }
  svg.wide { display: none; } svg.narrow { display: block; }
  dl { grid-template-columns: 1fr; } table { min-width: 600px; }
}
`;

/** The style of a chart that stands alone as a picture: light colours, written out, since few programs know variables. */
export const PICTURE_STYLE: string = CHART_STYLE.replace(
  /var\((--\w+)\)/g,
  (_, name: string) => new RegExp(`${name}: (#\\w+)`).exec(LIGHT)![1]!,
);
