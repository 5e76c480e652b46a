// The picture as one self-contained page: picture, model, script and layout library in one file. Its policy forbids
// every network request, and every script but ours by its hash, whatever a model's names say.
import { trusted } from '../../report/escape.ts';
import { renderDocument } from '../../report/page.ts';
import { ARROW, drawLayout, escapeMarkup } from './draw.ts';
import { pageFile } from './page-files.ts';
import type { Picture } from './picture-data.ts';
import { firstLayout } from './svg.ts';

/** Boxes to begin with: what one can take in at once. */
const PAGE_BUDGET = 60;

/** The whole HTML document. */
export async function htmlDocument(picture: Picture): Promise<string> {
  const { layout, open } = await firstLayout(picture, PAGE_BUDGET);
  const facts = picture.facts.map(
    ([name, value]) => `<div><dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
  );
  const notes = picture.notes.map((note) => `<p class="note">${escapeMarkup(note)}</p>`);
  const body = `<header>
<h1 title="${escapeMarkup(picture.title)}">${escapeMarkup(picture.title)}</h1>
<div class="search" role="search">
<input id="search" type="search" placeholder="Search names and ops  ( / )" aria-label="Search nodes by name or op" autocomplete="off" spellcheck="false" aria-controls="found">
<ol id="found" hidden></ol>
</div>
<div class="buttons">
<button id="out" type="button" aria-label="zoom out" title="zoom out ( - )">−</button>
<button id="in" type="button" aria-label="zoom in" title="zoom in ( + )">+</button>
<button id="fit" type="button" title="show all ( 0 )">Fit</button>
<button id="open" type="button" title="open groups, as many as can be read">Open</button>
<button id="close" type="button" title="close all groups">Close</button>
<button id="info" type="button" aria-label="about the model">i</button>
</div>
</header>
<main>
<svg id="picture" class="picture" tabindex="0" role="application" aria-label="the model's graph: arrow keys move, + and - zoom">${ARROW}<g id="view">${drawLayout(picture, layout)}</g></svg>
<p id="message" role="status" hidden></p>
<aside id="details" aria-live="polite">
<button id="hide" type="button" aria-label="hide the details" hidden>×</button>
<div id="about"><h2>Model</h2><dl>${facts.join('')}</dl>${notes.join('')}<p class="note">Select a node for its details; + opens a group, − closes it.</p></div>
<div id="node" hidden></div>
</aside>
</main>
<script id="data" type="application/json">${jsonInMarkup({ picture, layout, open: [...open] })}</script>
<!-- The layout is that of elkjs (EPL-2.0, https://github.com/kieler/elkjs), unchanged and compressed. -->
<script id="elk" type="text/plain">${pageFile('elk-worker.js.gz.base64')}</script>`;
  return renderDocument({
    title: picture.title,
    style: pageFile('picture.css') + pageFile('page.css'),
    script: pageFile('page.js'),
    directives: ['worker-src blob:'],
    body: trusted(body),
  });
}

/** JSON that no HTML parser takes for the end of a script or a comment. */
function jsonInMarkup(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
