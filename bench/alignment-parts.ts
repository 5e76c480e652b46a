// The parts of recognition that bench/alignment.mjs puts together another way than the command does.
export { convert } from '../src/convert/convert.ts';
export { warpFace } from '../src/recognize/align/shrink.ts';
export { ALIGN_TEMPLATES } from '../src/recognize/align/templates.ts';
export { similarity } from '../src/recognize/align/umeyama.ts';
export { defaultDependencies } from '../src/recognize/dependencies.ts';
export { detectFaces } from '../src/recognize/detect/detect.ts';
export { mainFace } from '../src/recognize/detect/face.ts';
export { embedFaces } from '../src/recognize/embed/embed.ts';
export { decodePhoto, readPhotoFile } from '../src/recognize/image.ts';
export { walkPhotos } from '../src/recognize/photos/walk.ts';
export { openPipeline, pipelineOptions } from '../src/recognize/pipeline.ts';
export { score } from '../src/recognize/score/match.ts';
