// The labels of the boxes: beside the faces and not on them, at whatever size the photo is shown.
import { placeRect, type Rect } from '../../annotate/place.ts';
import { byId } from './dom.ts';

/** Gives each label its place; a name that would cover something gives way to the face's number. */
export function placeLabels(): void {
  const area = byId('boxes');
  const picture = { width: area.clientWidth, height: area.clientHeight };
  if (picture.width === 0) return;
  const buttons = [...area.querySelectorAll<HTMLElement>('.box')];
  const boxes = buttons.map(rectOf);
  const labels = buttons.map((button) => button.querySelector<HTMLElement>('.label')!);
  const rects: Rect[] = [];
  const place = (index: number) => {
    const others = [boxes, rects].flatMap((list) => list.filter((_, other) => other !== index));
    return placeRect(rectOf(labels[index]!), boxes[index]!, picture, others);
  };
  // Everybody's number first, so that nobody's long name takes the others' room.
  for (const [index, label] of labels.entries()) {
    label.classList.add('short');
    rects[index] = place(index).rect;
  }
  for (const [index, label] of labels.entries()) {
    label.classList.remove('short');
    const { rect, covered } = place(index);
    if (covered === 0) rects[index] = rect;
    else label.classList.add('short');
    const { left, top } = rects[index]!;
    const box = boxes[index]!;
    // From the inner edge of the button's border.
    label.style.left = `${left - box.left - buttons[index]!.clientLeft}px`;
    label.style.top = `${top - box.top - buttons[index]!.clientTop}px`;
  }
}

/** Places the labels anew when the photo is shown at another size: a window that grows, a phone that is turned. */
export function followSize(): void {
  new ResizeObserver(placeLabels).observe(byId('boxes'));
}

function rectOf({ offsetLeft, offsetTop, offsetWidth, offsetHeight }: HTMLElement): Rect {
  return { left: offsetLeft, top: offsetTop, width: offsetWidth, height: offsetHeight };
}
