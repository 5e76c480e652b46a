// @ts-check
// The demo's photos: taken out of two packages of the Python index (`face_recognition` carries official portraits among
// its tests, `scikit-image` NASA's portrait of an astronaut). Nothing of the packages is installed or run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGES = {
  faces: {
    requirement: 'face_recognition==1.3.0',
    flags: ['--no-binary', ':all:'],
    prefix: 'face_recognition-1.3.0/',
  },
  skimage: { requirement: 'scikit-image==0.25.2', flags: ['--only-binary', ':all:'], prefix: '' },
};

/** @typedef {{ package: 'faces' | 'skimage', member: string, file: string, sha256: string }} Photo */

/** @type {Photo[]} */
const PHOTOS = [
  {
    package: 'faces',
    member: 'tests/test_images/obama.jpg',
    file: 'known/barack_obama/portrait.jpg',
    sha256: '0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6',
  },
  {
    package: 'faces',
    member: 'tests/test_images/biden.jpg',
    file: 'known/joe_biden/reception.jpg',
    sha256: '3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c',
  },
  {
    package: 'faces',
    member: 'tests/test_images/obama2.jpg',
    file: 'probes/speech.jpg',
    sha256: 'a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6',
  },
  {
    package: 'skimage',
    member: 'skimage/data/astronaut.png',
    file: 'probes/astronaut.png',
    sha256: '88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5',
  },
];

// Reads one member of a source archive or a wheel and writes it to stdout.
const READ_MEMBER = `
import sys, tarfile, zipfile
archive, member = sys.argv[1:3]
if archive.endswith('.whl'):
    data = zipfile.ZipFile(archive).read(member)
else:
    data = tarfile.open(archive).extractfile(member).read()
sys.stdout.buffer.write(data)
`;

/**
 * Puts the photos below `folder` where they are not there yet; each file is checked against its sha256.
 *
 * @param {string} folder
 * @param {string} python an interpreter with pip
 */
export function fetchDemoPhotos(folder, python) {
  for (const name of /** @type {const} */ (['faces', 'skimage'])) {
    const photos = PHOTOS.filter(
      (photo) => photo.package === name && !isGood(join(folder, photo.file), photo.sha256),
    );
    if (photos.length > 0) unpack(folder, python, PACKAGES[name], photos);
  }
}

/**
 * @param {string} folder
 * @param {string} python
 * @param {{ requirement: string, flags: string[], prefix: string }} source
 * @param {Photo[]} photos
 */
function unpack(folder, python, source, photos) {
  mkdirSync(folder, { recursive: true });
  const download = mkdtempSync(join(folder, 'download-'));
  try {
    const pip = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      ...source.flags,
      '--dest',
      download,
      source.requirement,
    ];
    execFileSync(python, pip, { stdio: ['ignore', 'ignore', 'pipe'] });
    const archive = readdirSync(download).map((file) => join(download, file))[0];
    if (!archive) throw new Error(`pip downloaded nothing for ${source.requirement}`);
    for (const photo of photos) {
      const bytes = execFileSync(python, ['-c', READ_MEMBER, archive, source.prefix + photo.member], {
        maxBuffer: 1 << 26,
      });
      const target = join(folder, photo.file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(`${target}.part`, bytes);
      if (!isGood(`${target}.part`, photo.sha256)) {
        throw new Error(`${photo.member} of ${source.requirement} is not the photo that the demo knows`);
      }
      renameSync(`${target}.part`, target);
    }
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @param {string} sha256
 */
function isGood(file, sha256) {
  return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}
