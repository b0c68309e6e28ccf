// Codebooks in .safetensors files: a tensor a stage, and metadata that says what it is. The bytes are laid down in docs/format.md.
import { type Codebook, codebook, MAX_CODEWORDS, stageOffsets, sum } from '../model/codebook.ts';
import { badArgument, count, counted, describe } from '../model/errors.ts';
import { MAX_DIM } from '../model/matrix.ts';
import { allocateFloats, floatsAt } from './bytes.ts';
import { badFile, fromFile, quote, shapeText } from './check.ts';
import { checkFormat, FORMATS, type Format, formatMetadata } from './metadata.ts';
import { parseSafetensors, type Safetensors, serializeSafetensors, type Tensor, type TensorData } from './safetensors.ts';

/** Reads a codebook, and checks by its id that shape and data are those that were written. */
export function parseCodebook(bytes: Uint8Array, name: string): Codebook {
  return codebookOf(parseSafetensors(bytes, name), bytes, name);
}

/** @param format what the file must say that it is: others hold a codebook, too */
export function codebookOf(file: Safetensors, bytes: Uint8Array, name: string, format: Format = FORMATS.codebook): Codebook {
  checkFormat(file.metadata, format, name);
  const stages = stagesInOrder(file.tensors, name);
  const dim = stages[0].shape[1];
  const codewords = stages.map((stage) => checkStage(stage, dim, name));
  const data = allocateFloats(sum(codewords) * dim, name);
  let at = 0;
  stages.forEach((stage, m) => {
    data.set(floatsAt(bytes, stage.start, codewords[m] * dim), at);
    at += codewords[m] * dim;
  });
  const read = fromFile(name, () => codebook(data, { dim, codewords }));
  const id = file.metadata.get('id');
  if (id !== read.id) throw badFile(name, '__metadata__ "id"', `${read.id}, as its shape and data have`, `${describe(id)}: the file is corrupted`);
  return read;
}

/** The tensors stage.0, stage.1, ... by number: programs that sort by name put stage.10 before stage.2. */
function stagesInOrder(tensors: readonly Tensor[], name: string): Tensor[] {
  if (tensors.length === 0) throw badFile(name, 'header', 'tensors stage.0, stage.1, ...', 'none');
  const stages: Tensor[] = [];
  for (const tensor of tensors) {
    const number = /^stage\.(0|[1-9]\d{0,4})$/.exec(tensor.name);
    const stage = number === null ? Number.NaN : Number(number[1]);
    if (!(stage < tensors.length)) {
      const last = tensors.length - 1;
      throw badFile(
        name,
        'header',
        last === 0 ? 'its one tensor to be stage.0' : `${tensors.length} tensors, stage.0 to stage.${last}`,
        quote(tensor.name),
      );
    }
    stages[stage] = tensor;
  }
  return stages;
}

/** The number of codewords of a stage. */
function checkStage({ name: tensor, type, shape }: Tensor, dim: number, name: string): number {
  const at = `tensor ${quote(tensor)}`;
  if (type !== 'F32' || shape.length !== 2) throw badFile(name, at, 'F32 of shape [codewords, dim]', `${type} of shape ${shapeText(shape)}`);
  const [codewords, width] = shape;
  if (codewords < 1 || codewords > MAX_CODEWORDS || width < 1 || width > MAX_DIM) {
    throw badFile(name, at, `1 to ${counted(MAX_CODEWORDS, 'codewords')} of dim 1 to ${count(MAX_DIM)}`, `shape ${shapeText(shape)}`);
  }
  if (width !== dim) throw badFile(name, at, `dim ${dim}, as stage.0 has`, `shape ${shapeText(shape)}`);
  return codewords;
}

/** The bytes of a codebook's file, piece by piece. */
export function serializeCodebook(codebook: Codebook): Iterable<Uint8Array> {
  return serializeSafetensors(codebookTensors(codebook), formatMetadata(FORMATS.codebook, { id: codebook.id }));
}

/** A tensor a stage. The id must be that of the data, as it is unless someone wrote into them. */
export function codebookTensors({ data, dim, codewords, id }: Codebook): TensorData[] {
  const { id: expected } = codebook(data, { dim, codewords });
  if (id !== expected) throw badArgument('codebook.id', `${expected}, as its shape and data have`, id);
  const offsets = stageOffsets(codewords);
  return codewords.map((size, stage) => ({
    name: `stage.${stage}`,
    type: 'F32',
    shape: [size, dim],
    data: data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim),
  }));
}
