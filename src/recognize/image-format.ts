// Which image formats are read, and which are known but not read, told apart by their content; files' names only tell
// what of a folder is a photo.
import { extname } from 'node:path';

interface Kind {
  isIt: (ascii: Ascii) => boolean;
  /** What files of the format end in. */
  extensions: string;
}

/** The file's bytes from one place to another, a character each. */
type Ascii = (start: number, end: number) => string;

export interface Format extends Kind {
  /** What libvips calls the format's loader. */
  loader: RegExp;
  /** Warnings that say that pixels are missing or wrong, where the decoder only warns of it. */
  missing?: RegExp;
}

/** JPEG, PNG, WebP, GIF, TIFF and AVIF by their magic numbers. */
const FORMATS: Format[] = [
  {
    isIt: (ascii) => ascii(0, 3) === '\xff\xd8\xff',
    extensions: '.jpg .jpeg',
    loader: /jpeg/i,
    missing: /premature end|bad (Huffman|arithmetic) code|instead of RST/i,
  },
  { isIt: (ascii) => ascii(0, 8) === '\x89PNG\r\n\x1a\n', extensions: '.png', loader: /png/i },
  {
    isIt: (ascii) => ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP',
    extensions: '.webp',
    loader: /webp/i,
  },
  { isIt: (ascii) => ascii(0, 4) === 'GIF8', extensions: '.gif', loader: /gif/i },
  {
    isIt: (ascii) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(ascii(0, 4)),
    extensions: '.tif .tiff',
    loader: /tiff/i,
    missing: /Improper JPEG strip|premature end|bad (Huffman|arithmetic) code|instead of RST/i,
  },
  { isIt: (ascii) => /avi[fs]/.test(brandsOf(ascii)), extensions: '.avif', loader: /heif|avif/i },
];

/** What cameras, telephones and archives write besides, and sharp's own build does not read. */
const UNREAD: (Kind & { name: string })[] = [
  {
    name: 'HEIC',
    isIt: (ascii) => /hei[cxms]|hev[cxms]|mi[fa]1|msf1/.test(brandsOf(ascii)),
    extensions: '.heic .heif .hif',
  },
  {
    name: 'JPEG XL',
    isIt: (ascii) => ascii(0, 2) === '\xff\x0a' || ascii(4, 8) === 'JXL ',
    extensions: '.jxl',
  },
  {
    name: 'JPEG 2000',
    isIt: (ascii) => ascii(4, 8) === 'jP  ' || ascii(0, 4) === '\xff\x4f\xff\x51',
    extensions: '.jp2 .jpf .j2k',
  },
  { name: 'BMP', isIt: (ascii) => ascii(0, 2) === 'BM' && ascii(6, 10) === '\0\0\0\0', extensions: '.bmp' },
];

/** The brands that a file of ISO's media format says it follows: its own, then those that it fits too; '' for others. */
function brandsOf(ascii: Ascii): string {
  if (ascii(4, 8) !== 'ftyp') return '';
  const [high, low] = [...ascii(2, 4)].map((each) => each.charCodeAt(0)) as [number, number];
  return ascii(8, (high << 8) | low);
}

/** What reads the bytes; undefined for other formats: those, SVG and PDF among them, never reach a decoder. */
export function formatOf(bytes: Buffer): Format | undefined {
  return FORMATS.find(({ isIt }) => isIt(asciiOf(bytes)));
}

/** The name of a format of photos that is not read; undefined for what is none. */
export function unreadFormatOf(bytes: Buffer): string | undefined {
  return UNREAD.find(({ isIt }) => isIt(asciiOf(bytes)))?.name;
}

function asciiOf(bytes: Buffer): Ascii {
  return (start, end) => bytes.toString('latin1', start, end);
}

/** Extensions of photos that are read. */
export const PHOTO_EXTENSIONS: readonly string[] = extensionsOf(FORMATS);
const UNREAD_EXTENSIONS = extensionsOf(UNREAD);

function extensionsOf(kinds: Kind[]): string[] {
  return kinds.flatMap(({ extensions }) => extensions.split(' '));
}

/** Whether a file's name is that of a photo that is read. */
export function isPhotoName(file: string): boolean {
  return PHOTO_EXTENSIONS.includes(extname(file).toLowerCase());
}

/** Whether a file's name is that of any photo: one that is not read is then reported, not passed over. */
export function isAnyPhotoName(file: string): boolean {
  return isPhotoName(file) || UNREAD_EXTENSIONS.includes(extname(file).toLowerCase());
}
