// A self-contained HTML page: its style and its one script inside, nothing loaded, light or dark as the reader's system.
import { createHash } from 'node:crypto';
import { type Html, html, trusted } from './escape.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface Page {
  title: string;
  /** Everything below the page's heading. */
  body: Html;
}

/** A report's page: the title as its heading, and the one style and script of all reports. */
export function renderPage({ title, body }: Page): string {
  return renderDocument({
    title,
    style: STYLE,
    script: SCRIPT,
    body: html`<main>
<h1>${title}</h1>
${body}
</main>`,
  });
}

export interface Document extends Page {
  style: string;
  script: string;
  /** Further directives of its policy. */
  directives?: readonly string[];
}

/** A whole document. Its policy lets nothing in but what stands here: no request leaves the page. */
export function renderDocument({ title, style, script, directives = [], body }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, script, directives)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${body}
<script>${trusted(script)}</script>
</body>
</html>
`.markup;
}

/** A heading and what stands below it. */
export function section(title: string, ...contents: readonly Html[]): Html {
  return html`<section><h2>${title}</h2>${contents}</section>\n`;
}

export interface TableColumn {
  title: string;
  /** Numbers stand to the right. */
  number?: boolean;
}

/** A table that scrolls sideways where it is wider than the screen. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly (Html | string)[])[]): Html {
  const head = columns.map(
    ({ title, number }) => html`<th scope="col"${number ? html` class="number"` : null}>${title}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map(
      (cell, at) => html`<td${columns[at]?.number ? html` class="number"` : null}>${cell}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Names and values, e.g. what was compared and with what. */
export function facts(pairs: readonly (readonly [name: string, value: Html | string])[]): Html {
  return html`<dl>${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The policy of a page that holds all it needs: this style, this script, no request. */
function contentPolicy(style: string, script: string, more: readonly string[]): string {
  return [
    "default-src 'none'",
    'img-src data:',
    `style-src '${sourceHash(style)}'`,
    `script-src '${sourceHash(script)}'`,
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
