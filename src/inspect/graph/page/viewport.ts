// Moving and zooming the picture: mouse, touch, keyboard.

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Size {
  width: number;
  height: number;
}

const LEAST = 0.02;
const MOST = 4;
/** Smaller letters cannot be read. */
const READABLE = 0.62;
const MARGIN = 16;
/** Pixels that a finger may move and still mean a tap. */
const STILL = 5;
const STEP = 80;

export class Viewport {
  /** True from a drag until the click that ends it. */
  wasDragged = false;
  readonly #svg: Element;
  readonly #view: Element;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #pressed = { x: 0, y: 0 };
  #x = 0;
  #y = 0;
  #scale = 1;

  constructor(svg: HTMLElement, view: HTMLElement) {
    this.#svg = svg;
    this.#view = view;
    svg.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    svg.addEventListener('pointerdown', (event) => this.#down(event));
    svg.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel'] as const) {
      svg.addEventListener(end, (event) => this.#pointers.delete(event.pointerId));
    }
  }

  /** All of it, as large as fits. */
  fit({ width, height }: Size): void {
    const box = this.#svg.getBoundingClientRect();
    const scale = Math.min((box.width - 2 * MARGIN) / width, (box.height - 2 * MARGIN) / height, 1.5);
    this.#scale = clamp(scale);
    this.#x = (box.width - width * this.#scale) / 2;
    this.#y = (box.height - height * this.#scale) / 2;
    this.#apply();
  }

  /** All of it where that can be read, else its beginning. */
  showStart(layout: Size, first: Place | undefined): void {
    this.fit(layout);
    if (this.#scale >= READABLE) return;
    const box = this.#svg.getBoundingClientRect();
    const whole = (box.width - 2 * MARGIN) / layout.width;
    this.#scale = clamp(Math.max(READABLE, Math.min(1, whole)));
    const middle = whole < this.#scale && first ? first.x + first.width / 2 : layout.width / 2;
    const top = first && first.y < layout.height / 2 ? first.y : 0;
    this.#x = box.width / 2 - middle * this.#scale;
    this.#y = 2 * MARGIN - top * this.#scale;
    this.#apply();
  }

  /** Brings a place to the middle, large enough to read; above the details where they cover the lower part. */
  centre(place: Place, hasDetails: boolean): void {
    const box = this.#svg.getBoundingClientRect();
    this.#scale = clamp(Math.max(this.#scale, 0.9));
    const isCovered = hasDetails && globalThis.innerWidth <= 700;
    this.#x = box.width / 2 - (place.x + place.width / 2) * this.#scale;
    this.#y = box.height * (isCovered ? 0.25 : 0.5) - (place.y + place.height / 2) * this.#scale;
    this.#apply();
  }

  /** Moves so that what was at one place and is now at another stays where it is seen. */
  keep(before: Place, after: Place): void {
    this.#x += (before.x + before.width / 2 - after.x - after.width / 2) * this.#scale;
    this.#y += (before.y - after.y) * this.#scale;
    this.#apply();
  }

  /** Zooms about a point of the window; without one about the middle. */
  zoom(factor: number, at?: { x: number; y: number }): void {
    const box = this.#svg.getBoundingClientRect();
    const x = at ? at.x - box.left : box.width / 2;
    const y = at ? at.y - box.top : box.height / 2;
    const scale = clamp(this.#scale * factor);
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  /** What a key does; false where it means nothing here. */
  key(key: string, layout: Size): boolean {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [STEP, 0],
      ArrowRight: [-STEP, 0],
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP],
    };
    const move = moves[key];
    if (move) this.#shift(...move);
    else if (key === '+' || key === '=') this.zoom(1.25);
    else if (key === '-' || key === '_') this.zoom(1 / 1.25);
    else if (key === '0') this.fit(layout);
    else return false;
    return true;
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    if (event.shiftKey) this.#shift(-pixels, 0);
    else
      this.zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016)), { x: event.clientX, y: event.clientY });
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.#pressed = { x: event.clientX, y: event.clientY };
    if (this.#pointers.size === 1) this.wasDragged = false;
  }

  #move(event: PointerEvent): void {
    const last = this.#pointers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(now.x - this.#pressed.x, now.y - this.#pressed.y) > STILL;
    if (!this.wasDragged && !far) return;
    if (!this.wasDragged) {
      this.wasDragged = true;
      this.#svg.setPointerCapture(event.pointerId);
    }
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (!other) {
      this.#shift(now.x - last.x, now.y - last.y);
      return;
    }
    const before = Math.hypot(last.x - other.x, last.y - other.y) || 1;
    const after = Math.hypot(now.x - other.x, now.y - other.y);
    this.#shift((now.x - last.x) / 2, (now.y - last.y) / 2);
    this.zoom(after / before, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }

  #shift(x: number, y: number): void {
    this.#x += x;
    this.#y += y;
    this.#apply();
  }

  #apply(): void {
    this.#view.setAttribute('transform', `translate(${this.#x} ${this.#y}) scale(${this.#scale})`);
  }
}

function clamp(scale: number): number {
  return Math.min(MOST, Math.max(LEAST, scale));
}
