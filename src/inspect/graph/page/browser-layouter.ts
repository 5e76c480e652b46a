// The layout library in a worker of the browser's. It lies compressed in the page.
import { type Layouter, layouter } from '../layouter.ts';

/** @param packed the worker's script: gzip, base64 */
export function startLayouter(packed: string): Promise<Layouter> {
  const started = unpacked(packed).then((script) => {
    const url = URL.createObjectURL(script);
    return layouter(() => new Worker(url));
  });
  // A failure is told when the first layout is asked for.
  started.catch(() => undefined);
  return started;
}

async function unpacked(packed: string): Promise<Blob> {
  const bytes = Uint8Array.from(atob(packed.trim()), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const script = await new Response(stream).arrayBuffer();
  return new Blob([script], { type: 'text/javascript' });
}
