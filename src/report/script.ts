// The page's one script: the label of the chart's nearest point or bar, under the pointer, a finger, or the arrow keys.

/** Runs in the browser; the page's policy names its hash. */
export const SCRIPT: string = `
for (const figure of document.querySelectorAll('figure.chart')) {
  const tip = document.createElement('output');
  tip.hidden = true;
  figure.append(tip);
  for (const svg of figure.querySelectorAll('svg')) {
    const items = [...svg.querySelectorAll('[data-label]')];
    let shown = -1;
    const centre = (item) => {
      const box = item.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2, top: box.top };
    };
    const show = (at) => {
      if (items[shown]) items[shown].classList.remove('on');
      shown = at;
      const item = items[at];
      tip.hidden = !item;
      if (!item) return;
      item.classList.add('on');
      tip.textContent = item.dataset.label;
      const frame = figure.getBoundingClientRect();
      const { x, top } = centre(item);
      const half = tip.offsetWidth / 2;
      const left = Math.min(Math.max(x - frame.left, half), frame.width - half);
      tip.style.left = left + 'px';
      tip.style.top = top - frame.top + 'px';
    };
    svg.addEventListener('pointermove', (event) => {
      let best = -1;
      let least = Infinity;
      items.forEach((item, at) => {
        const { x, y } = centre(item);
        const distance = Math.abs(x - event.clientX) * 4 + Math.abs(y - event.clientY);
        if (distance < least) [best, least] = [at, distance];
      });
      show(best);
    });
    svg.addEventListener('pointerleave', () => show(-1));
    svg.addEventListener('blur', () => show(-1));
    if (items.length > 0) svg.setAttribute('tabindex', '0');
    svg.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      show((shown + step + items.length) % items.length);
    });
  }
}
`;
