// Text in columns of a terminal, where a character may take none, one or two of them.
import stringWidth from 'string-width';

/** How many columns a text takes. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** Cuts a line at spaces into lines of at most `width` columns; a longer word (a path, a tensor name) goes on in the next. */
export function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (columnsOf(rest) > width) {
    const fitting = fittingLength(rest, width);
    const space = rest.lastIndexOf(' ', fitting);
    const cut = space > 0 ? space : fitting;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

/** How many UTF-16 units from the start fit; a whole character at least. */
function fittingLength(text: string, width: number): number {
  let length = 0;
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    columns += columnsOf(segment);
    if (columns > width && length > 0) break;
    length += segment.length;
  }
  return length;
}

/** A paragraph of at most `width` columns, its further lines as far in as the first, and two more. */
export function wrapParagraph(text: string, width: number): string {
  const indent = /^ */.exec(text)![0].length;
  const [first, ...rest] = wrapLine(text.trimStart(), width - indent - 2);
  return [' '.repeat(indent) + first, ...rest.map((line) => ' '.repeat(indent + 2) + line)].join('\n');
}
