// The layouts of codecs' checkpoints: by which names of tensors a residual quantizer is known, and which tensors belong to it.
import { MAX_STAGES } from '../../model/codebook.ts';
import { count, counted, RvqError } from '../../model/errors.ts';
import { badFile, quote } from '../check.ts';
import { WEIGHT_PARTS } from './projections.ts';
import { refuse, whyRefused } from './refusals.ts';

/** How one family of programs names the tensors of a stage, whose scope is such as `quantizer.layers.0.`. */
export interface Layout {
  readonly title: string;
  /** Where the codewords are [1, codewords, dim]: those of one head, of however many there may be. */
  readonly titleOfHeads?: string;
  /** Of the tensor of a stage's codewords; `owner` is the scope of what the list of stages belongs to. */
  readonly pattern: RegExp;
  /** Its name within the scope of the stage. */
  readonly codewords: string;
  /** Where the codewords are sums, how many rows each is a sum of: its name within the scope of the stage. */
  readonly usage?: string;
  /** What else a stage has that does not change codes. */
  readonly ignored: readonly string[];
  /** The names of projections within the scope of each stage. DAC's have to be there. */
  readonly stageProjections?: ProjectionNames;
  /** The names of projections within the scope of the owner. */
  readonly ownerProjections?: ProjectionNames;
  readonly metric: 'euclidean' | 'cosine';
}

export interface ProjectionNames {
  readonly input: string;
  readonly output: string;
  readonly required?: boolean;
}

const PROJECT = { input: 'project_in', output: 'project_out' };
const INPUT_PROJ = { input: 'input_proj', output: 'output_proj' };

/** Sources: the modules of transformers, encodec, moshi, descript-audio-codec and vector-quantize-pytorch that docs/codecs.md names. */
const LAYOUTS: readonly Layout[] = [
  {
    title: 'EnCodec',
    pattern: /^(?<owner>(?:.*\.)?)(?:layers|quantizers)\.\d+\.codebook\.embed$/,
    codewords: 'codebook.embed',
    ignored: ['codebook.embed_avg', 'codebook.cluster_size', 'codebook.inited', 'codebook.initted'],
    stageProjections: PROJECT,
    metric: 'euclidean',
  },
  {
    title: 'original EnCodec',
    titleOfHeads: 'vector-quantize-pytorch',
    pattern: /^(?<owner>(?:.*\.)?)layers\.\d+\._codebook\.embed$/,
    codewords: '_codebook.embed',
    ignored: ['_codebook.embed_avg', '_codebook.cluster_size', '_codebook.inited', '_codebook.initted', 'zero'],
    stageProjections: PROJECT,
    ownerProjections: PROJECT,
    metric: 'euclidean',
  },
  {
    title: 'DAC',
    pattern: /^(?<owner>(?:.*\.)?)quantizers\.\d+\.codebook\.weight$/,
    codewords: 'codebook.weight',
    ignored: [],
    stageProjections: { input: 'in_proj', output: 'out_proj', required: true },
    metric: 'cosine',
  },
  {
    title: 'Mimi',
    pattern: /^(?<owner>(?:.*\.)?)layers\.\d+\.codebook\.embed_sum$/,
    codewords: 'codebook.embed_sum',
    usage: 'codebook.cluster_usage',
    ignored: ['codebook.initialized'],
    ownerProjections: INPUT_PROJ,
    metric: 'euclidean',
  },
  {
    title: 'original Mimi',
    pattern: /^(?<owner>(?:.*\.)?)vq\.layers\.\d+\._codebook\.embedding_sum$/,
    codewords: '_codebook.embedding_sum',
    usage: '_codebook.cluster_usage',
    ignored: ['_codebook._initialized'],
    ownerProjections: INPUT_PROJ,
    metric: 'euclidean',
  },
];

/** Stages that code one after the other. */
export interface StageList {
  readonly layout: Layout;
  /** The scope of what they belong to, such as `quantizer.`. */
  readonly owner: string;
  /** The scope of them all, such as `quantizer.layers.`: that of stage 0 is `quantizer.layers.0.`. */
  readonly scope: string;
  readonly stages: number;
}

/** Longer names are none of a quantizer's: what takes more time the longer a name is gets none of them. */
const LONGEST_NAME = 512;

/** What a checkpoint's quantizer is made of: one list of stages, or several that code the same rows. */
export interface Plan {
  readonly lists: readonly StageList[];
  /** The names of all tensors that belong to it. */
  readonly tensors: readonly string[];
}

/** The pairs of lists that code the same rows, in the order of their codes: the ends of their owners. */
const PARALLEL = [
  ['semantic_residual_vector_quantizer.', 'acoustic_residual_vector_quantizer.'],
  ['rvq_first.', 'rvq_rest.'],
];

/**
 * Finds the residual quantizer among the tensors of a checkpoint.
 *
 * @param prefix with which the names of its tensors begin, where there are several
 */
export function recognize(names: readonly string[], file: string, prefix: string): Plan {
  const own = names.filter((name) => name.startsWith(prefix) && name.length <= LONGEST_NAME);
  const lists = onlyQuantizer(listsIn(own), own, file, prefix).map((list) => ({ ...list, stages: countStages(list, own, file) }));
  const tensors = own.filter((name) => lists.some((list) => partOfList(name, list) !== undefined));
  const odd = tensors.find((name) => lists.every((list) => partOfList(name, list) !== 'known'));
  if (odd !== undefined) throw whyRefused(odd, file);
  return { lists, tensors };
}

/** Whether some of the tensors are a stage's codewords in a layout that we know. */
export function holdsStages(names: readonly string[]): boolean {
  return listsIn(names.filter((name) => name.length <= LONGEST_NAME)).length > 0;
}

type FoundList = Omit<StageList, 'stages'>;

function listsIn(names: readonly string[]): FoundList[] {
  const found = new Map<string, FoundList>();
  for (const name of names) {
    for (const layout of LAYOUTS) {
      const owner = layout.pattern.exec(name)?.groups?.owner;
      if (owner === undefined) continue;
      const scope = name.slice(0, -layout.codewords.length).replace(/\d+\.$/, '');
      if (!found.has(scope)) found.set(scope, { layout, owner, scope });
    }
  }
  return [...found.values()];
}

/** How many stages a list has, which must be 0, 1, 2, ... and have codewords each. */
function countStages({ layout, scope }: FoundList, names: readonly string[], file: string): number {
  let stages = 0;
  for (const name of names) {
    const stage = name.startsWith(scope) ? stageOf(name.slice(scope.length)) : Number.NaN;
    if (stage >= stages) stages = stage + 1;
  }
  if (stages > MAX_STAGES) throw badFile(file, `tensors ${quote(`${scope}*`)}`, `at most ${counted(MAX_STAGES, 'stages')}`, count(stages));
  const known = new Set(names);
  for (let stage = 0; stage < stages; stage++) {
    const tensor = `${scope}${stage}.${layout.codewords}`;
    if (!known.has(tensor)) throw badFile(file, `tensor ${quote(tensor)}`, `the codewords of stage ${stage} of ${stages}`, 'no such tensor');
  }
  return stages;
}

/** The number that a name within a list begins with, or NaN. */
function stageOf(name: string): number {
  const number = /^(0|[1-9]\d{0,8})\./.exec(name);
  return number === null ? Number.NaN : Number(number[1]);
}

/** The lists of the one quantizer that there is, those that code the same rows in the order of their codes. */
function onlyQuantizer(lists: readonly FoundList[], names: readonly string[], file: string, prefix: string): FoundList[] {
  if (lists.length === 0) throw refuse(names, file, prefix);
  const split = lists.find(({ owner }) => /(^|\.)rvqs\.\d+\.$/.test(owner));
  if (split !== undefined) {
    throw new RvqError('UNSUPPORTED', file, `${quote(split.owner)}: a grouped residual quantizer, whose groups share out the dim, is not supported`);
  }
  for (const ends of PARALLEL) {
    const pair = ends.map((end) => lists.filter(({ owner }) => owner.endsWith(`.${end}`) || owner === end));
    const [first] = pair.flat();
    if (first === undefined) continue;
    const stem = first.owner.replace(/\w+\.$/, '');
    if (lists.length > 2 || lists.some(({ owner }) => owner.replace(/\w+\.$/, '') !== stem)) throw ambiguous(lists, file);
    pair.forEach((of, i) => {
      if (of.length === 0) throw badFile(file, `tensors ${quote(`${stem}${ends[i]}*`)}`, 'the stages that code the same rows', 'none');
    });
    return pair.flat();
  }
  if (lists.length > 1) throw ambiguous(lists, file);
  return [...lists];
}

function ambiguous(lists: readonly FoundList[], file: string): RvqError {
  const scopes = lists.slice(0, 4).map(({ scope }) => quote(scope));
  const shown = `${scopes.join(', ')}${lists.length > 4 ? ', ...' : ''}`;
  return badFile(file, 'tensors', 'one residual quantizer, or the option prefix that says which', `${lists.length}: ${shown}`);
}

/** Whether a tensor belongs to a list, and if so whether the layout has one of its name. */
function partOfList(name: string, { layout, owner, scope }: FoundList): 'known' | 'odd' | undefined {
  const { codewords, usage, ignored, stageProjections, ownerProjections } = layout;
  if (name.startsWith(scope) && !Number.isNaN(stageOf(name.slice(scope.length)))) {
    const rest = name.slice(name.indexOf('.', scope.length) + 1);
    return rest === codewords || rest === usage || ignored.includes(rest) || isProjection(rest, stageProjections) ? 'known' : 'odd';
  }
  if (!name.startsWith(owner)) return undefined;
  const rest = name.slice(owner.length);
  if (!/^(project_in|project_out|in_proj|out_proj|input_proj|output_proj|mlps)\./.test(rest)) return undefined;
  return isProjection(rest, ownerProjections) ? 'known' : 'odd';
}

function isProjection(name: string, names: ProjectionNames | undefined): boolean {
  return names !== undefined && WEIGHT_PARTS.some((part) => name === `${names.input}.${part}` || name === `${names.output}.${part}`);
}
