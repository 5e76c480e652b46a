// Text from models and files, made safe for HTML and Markdown: a name may hold anything.

/** Markup that is safe to insert as it is; made only by `html` and `trusted`. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | readonly Part[] | null;

/** A template whose parts are escaped, unless they are Html themselves; lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { markup: strings.map((text, at) => text + (at < parts.length ? partOf(parts[at]!) : '')).join('') };
}

/** Markup of our own, such as the page's style sheet. Never for text from outside. */
export function trusted(markup: string): Html {
  return { markup };
}

function partOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(partOf).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element's content or a quoted attribute. Characters that change the direction of text are made visible. */
function escapeHtml(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * Text for one cell of a Markdown table or one line: no markup, no HTML, no link, no mention, no line break. Control
 * characters and those that change the direction of text are written as `\u{…}`.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character]!)
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/(www)\./gi, '$1&#46;')
    .replace(/^(\s*)([-=])/, '$1\\$2');
}

/** The same of several lines, whose breaks stay. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** Control characters, and those that reorder or hide text, as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}
