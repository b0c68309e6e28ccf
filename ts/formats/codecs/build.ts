// A codec of the tensors that belong to it.
import { type Codebook, codebook, MAX_VALUES, sum } from '../../model/codebook.ts';
import { type Codec, type Projection, projectedCodec } from '../../model/codec.ts';
import { count, counted } from '../../model/errors.ts';
import { allocateFloats } from '../bytes.ts';
import { badFile, fromFile, quote, shapeText } from '../check.ts';
import type { Plan, ProjectionNames, StageList } from './layouts.ts';
import { projectionOf } from './projections.ts';
import { comparesByCosine, type Stage, stageOf } from './stages.ts';
import { badTensor, type Checkpoint } from './weights.ts';

/** The two projections around something: both, or neither. */
interface Pair {
  readonly input?: Projection | undefined;
  readonly output?: Projection | undefined;
}

/** Makes the codec; a Codebook where there is nothing to it but codewords of the Euclidean metric. */
export function buildCodec({ lists }: Plan, checkpoint: Checkpoint): Codec {
  const groups = lists.map((list) => {
    const codec = listCodec(list, checkpoint);
    const pair = pairOf(checkpoint, list.owner, list.layout.ownerProjections, codec.dim);
    return { ...pair, metric: 'euclidean' as const, codec };
  });
  const [{ input, codec }] = groups;
  if (groups.length === 1 && input === undefined) return codec;
  const dim = input?.from ?? codec.dim;
  groups.forEach((group, i) => {
    const other = group.input?.from ?? group.codec.dim;
    const at = `tensors ${quote(`${lists[i].owner}*`)}`;
    if (other !== dim) throw badFile(checkpoint.name, at, `rows of dim ${dim}, as those of ${quote(`${lists[0].owner}*`)}`, `dim ${other}`);
  });
  return projectedCodec(
    dim,
    groups.map((group) => [group]),
  );
}

/** The stages of one list: a Codebook, or where each has projections or the metric of its own, a codec of one-stage parts. */
function listCodec(list: StageList, checkpoint: Checkpoint): Codec {
  const { layout, scope } = list;
  const stages = Array.from({ length: list.stages }, (_, stage) => stageOf(checkpoint, list, stage));
  const values = sum(stages.map(({ data }) => data.length));
  if (values > MAX_VALUES) throw badFile(checkpoint.name, `tensors ${quote(`${scope}*`)}`, `at most ${counted(MAX_VALUES, 'values')}`, count(values));
  const metric = layout.metric === 'cosine' || comparesByCosine(checkpoint, list, stages) ? 'cosine' : 'euclidean';
  const pairs = stages.map((stage, s) => pairOf(checkpoint, `${scope}${s}.`, layout.stageProjections, stage.dim));
  if (metric === 'euclidean' && pairs.every(({ input }) => input === undefined)) return codebookOf(stages);
  const dims = stages.map((stage, s) => pairs[s].input?.from ?? stage.dim);
  dims.forEach((dim, s) => {
    if (dim !== dims[0]) throw badFile(checkpoint.name, `tensors ${quote(`${scope}${s}.*`)}`, `rows of dim ${dims[0]}, as stage 0 has`, `dim ${dim}`);
  });
  return projectedCodec(dims[0], [stages.map((stage, s) => ({ ...pairs[s], metric, codec: codebookOf([stage]) }))]);
}

/** The codewords of stages of one dim. */
function codebookOf(stages: readonly Stage[]): Codebook {
  const [{ tensor, dim }] = stages;
  const data = allocateFloats(sum(stages.map((stage) => stage.data.length)), tensor.file);
  let at = 0;
  for (const stage of stages) {
    if (stage.dim !== dim) throw badTensor(stage.tensor, `dim ${dim}, as ${quote(tensor.name)} has`, `shape ${shapeText(stage.tensor.shape)}`);
    data.set(stage.data, at);
    at += stage.data.length;
  }
  return fromFile(tensor.file, () => codebook(data, { dim, codewords: stages.map(({ codewords }) => codewords) }));
}

/** @param dim of what is between them */
function pairOf(checkpoint: Checkpoint, scope: string, names: ProjectionNames | undefined, dim: number): Pair {
  if (names === undefined) return {};
  const { input: inputName, output: outputName, required = false } = names;
  const output = projectionOf(checkpoint, `${scope}${outputName}.`, { required });
  const input = projectionOf(checkpoint, `${scope}${inputName}.`, { required: required || output !== undefined });
  if (input === undefined) return {};
  if (output === undefined) return { input, output: projectionOf(checkpoint, `${scope}${outputName}.`, { required: true }) };
  const misfit = (name: string, from: number, to: number, got: Projection) => {
    const expected = `a projection from ${from} to ${to} values, as its codewords and the other projection have`;
    return badFile(checkpoint.name, `tensors ${quote(`${scope}${name}.*`)}`, expected, `from ${got.from} to ${got.to}`);
  };
  if (input.to !== dim) throw misfit(inputName, input.from, dim, input);
  if (output.from !== dim || output.to !== input.from) throw misfit(outputName, dim, input.from, output);
  return { input, output };
}
