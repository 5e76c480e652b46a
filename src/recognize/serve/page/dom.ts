// A little help with elements. Text from outside only ever becomes text.

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** An element with a class and children; strings become text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function picture(source: string, alt: string): HTMLImageElement {
  const image = el('img', '');
  image.src = source;
  image.alt = alt;
  return image;
}

/** A name, kept apart from the text around it whatever way its script runs. */
export function nameText(name: string): HTMLElement {
  return el('bdi', '', name);
}
