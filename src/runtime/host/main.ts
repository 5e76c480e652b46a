// The model host: a process of its own that holds models in native runtimes. What the runtime prints, and its
// crash on a damaged model, stay here. Requests and replies are frames on file descriptor 3; the end of it is the end.
import { readSync, writeSync } from 'node:fs';
import { TkError } from '../../errors.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { encodeFrame, type Frame, frameDecoder } from './frames.ts';
import type { HostedModel } from './hosted-model.ts';
import type { HoldRequest, HostRequest, OpenRequest, RunRequest, TakeRequest } from './protocol.ts';

const CHANNEL = 3;

// Ctrl-C reaches the whole group; the parent decides and closes the channel.
process.on('SIGINT', () => undefined);

const models = new Map<number, HostedModel>();
for (let frame = readFrame(); frame; frame = readFrame()) writeFrame(await answer(frame));
process.exit(0);

async function answer(frame: Frame): Promise<Frame> {
  try {
    const request = frame.body as unknown as HostRequest;
    const { model: number = 0 } = request;
    if (request.op === 'open-onnx' || request.op === 'open-saved-model') {
      const model = await openModel(request);
      models.set(number, model);
      return { body: { ok: true, ...model.description }, tensors: {} };
    }
    const model = models.get(number);
    if (!model) throw new Error('no model is open');
    return { body: { ok: true }, tensors: await use(model, request, frame.tensors) };
  } catch (error) {
    return { body: { ok: false, ...describe(error) }, tensors: {} };
  }
}

async function use(
  model: HostedModel,
  request: RunRequest | HoldRequest | TakeRequest,
  inputs: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  if (request.op === 'run') return model.run(inputs);
  if (request.op === 'take') return { value: model.take(request.name) };
  await model.hold(inputs, request.names);
  return {};
}

async function openModel(request: OpenRequest): Promise<HostedModel> {
  if (request.op === 'open-onnx') return (await import('./onnxruntime.ts')).hostOnnx(request);
  return (await import('./tensorflow-binding.ts')).hostSavedModel(request);
}

function describe(error: unknown): Record<string, unknown> {
  const message = error instanceof Error ? error.message : String(error);
  return { message, missing: error instanceof TkError && error.code === 'missing-package' };
}

function readFrame(): Frame | null {
  const decoder = frameDecoder();
  let step = decoder.next();
  for (let first = true; !step.done; first = false) {
    const bytes = readExactly(step.value);
    if (!bytes) {
      if (first) return null;
      process.exit(0);
    }
    step = decoder.next(bytes);
  }
  return step.value;
}

function readExactly(length: number): ArrayBuffer | null {
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; ) {
    const count = readSync(CHANNEL, bytes, offset, length - offset, null);
    if (count === 0) return null;
    offset += count;
  }
  return bytes.buffer;
}

function writeFrame(frame: Frame): void {
  for (const piece of encodeFrame(frame)) {
    for (let offset = 0; offset < piece.length; ) {
      offset += writeSync(CHANNEL, piece, offset, piece.length - offset);
    }
  }
}
