// ONNX's .pb files of one tensor each (TensorProto), as its backend tests have them.
import { badInput, TkError } from '../../errors.ts';
import { isDType, type Tensor } from '../tensor.ts';
import { openByteSource } from './byte-source.ts';
import { TENSOR } from './messages.ts';
import { readTensor } from './tensor.ts';
import { readMessage } from './wire.ts';

/**
 * Reads a tensor with the name that it carries, which may be empty.
 *
 * @throws TkError `onnx-tensor` (exit 2) where the file is none, or holds a sequence, an optional or elements that cannot
 *   be carried
 */
export function readTensorFile(path: string): { name: string; tensor: Tensor } {
  const source = openByteSource(path);
  try {
    const context = { path, files: new Map([[path, source]]), locations: new Map<string, string>() };
    const { name, dtype, shape, load } = readTensor(readMessage(source, TENSOR), context);
    if (!isDType(dtype))
      throw badInput('onnx-tensor', `${path}: elements of type ${dtype} cannot be carried`);
    return { name, tensor: { dtype, shape, data: load() } };
  } catch (error) {
    if (error instanceof TkError) throw error;
    throw badInput('onnx-tensor', `${path} is no tensor of ONNX: ${(error as Error).message}`);
  } finally {
    source.close();
  }
}
