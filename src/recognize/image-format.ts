// Which image formats are read, told apart by their content.

export interface Format {
  isIt: (ascii: (start: number, end: number) => string) => boolean;
  /** What libvips calls the format's loader. */
  loader: RegExp;
  /** Warnings that say that pixels are missing or wrong, where the decoder only warns of it. */
  missing?: RegExp;
}

/** JPEG, PNG, WebP, GIF, TIFF and AVIF by their magic numbers. */
const FORMATS: Format[] = [
  {
    isIt: (ascii) => ascii(0, 3) === '\xff\xd8\xff',
    loader: /jpeg/i,
    missing: /premature end|bad (Huffman|arithmetic) code|instead of RST/i,
  },
  { isIt: (ascii) => ascii(0, 8) === '\x89PNG\r\n\x1a\n', loader: /png/i },
  { isIt: (ascii) => ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP', loader: /webp/i },
  { isIt: (ascii) => ascii(0, 4) === 'GIF8', loader: /gif/i },
  {
    isIt: (ascii) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(ascii(0, 4)),
    loader: /tiff/i,
    missing: /Improper JPEG strip|premature end|bad (Huffman|arithmetic) code|instead of RST/i,
  },
  {
    isIt: (ascii) => ascii(4, 8) === 'ftyp' && /^(avif|avis|mif1)/.test(ascii(8, 12)),
    loader: /heif|avif/i,
  },
];

/** What reads the bytes; undefined for other formats: those, SVG and PDF among them, never reach a decoder. */
export function formatOf(bytes: Buffer): Format | undefined {
  return FORMATS.find(({ isIt }) => isIt((start, end) => bytes.toString('latin1', start, end)));
}
