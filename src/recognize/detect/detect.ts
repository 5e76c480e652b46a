// Finding the faces of a photo with the detector that a profile names.
import type { ModelRunner } from '../../runtime/runner.ts';
import type { Photo, RgbImage } from '../image.ts';
import { type Face, rescale } from './face.ts';
import { type MtcnnRole, searchWithMtcnn } from './mtcnn.ts';
import { shrinkByArea } from './opencv-area.ts';
import type { DetectorProfile } from './profiles.ts';
import { searchWithRetinaFace } from './retinaface.ts';

/** What a detector's networks are called in a run. */
export type DetectorRole = MtcnnRole | 'detector';

/**
 * Finds the faces of a photo, best score first.
 *
 * @returns boxes and landmarks in the photo's own pixels, whatever the size that was searched
 */
export async function detectFaces(
  photo: Photo,
  networks: Partial<Record<DetectorRole, ModelRunner>>,
  profile: DetectorProfile,
): Promise<Face[]> {
  const searched = searchedImage(photo, profile.maxSide);
  const faces =
    profile.network === 'mtcnn'
      ? await searchWithMtcnn(searched, networks, profile)
      : await searchWithRetinaFace(searched, networks.detector!, profile);
  return faces.map((face) => rescale(face, photo.width / searched.width, photo.height / searched.height));
}

function searchedImage({ image }: Photo, maxSide: number | null): RgbImage {
  const longer = Math.max(image.width, image.height);
  return maxSide === null || longer <= maxSide ? image : shrinkByArea(image, maxSide / longer);
}
