// Building the page's few elements: text is always set as text, never as markup.

/** The element of that id; the page has it. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** An element with a class and content. */
export function make(tag: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A button that reads as a link. */
export function linkTo(text: string, title: string, onClick: () => void): HTMLElement {
  const button = make('button', 'link', text);
  button.setAttribute('type', 'button');
  button.title = title;
  button.addEventListener('click', onClick);
  return button;
}
