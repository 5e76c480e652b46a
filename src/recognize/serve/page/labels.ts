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
  const taken: Rect[] = [];
  for (const [index, button] of buttons.entries()) {
    const label = button.querySelector<HTMLElement>('.label')!;
    const box = boxes[index]!;
    const others = [...boxes.filter((other) => other !== box), ...taken];
    const place = () => placeRect(rectOf(label), box, picture, others);
    label.classList.remove('short');
    let { rect, covered } = place();
    if (covered > 0) {
      label.classList.add('short');
      ({ rect, covered } = place());
    }
    taken.push(rect);
    // From the inner edge of the button's border.
    label.style.left = `${rect.left - box.left - button.clientLeft}px`;
    label.style.top = `${rect.top - box.top - button.clientTop}px`;
  }
}

/** Places the labels anew when the photo is shown at another size: a window that grows, a phone that is turned. */
export function followSize(): void {
  new ResizeObserver(placeLabels).observe(byId('boxes'));
}

function rectOf({ offsetLeft, offsetTop, offsetWidth, offsetHeight }: HTMLElement): Rect {
  return { left: offsetLeft, top: offsetTop, width: offsetWidth, height: offsetHeight };
}
