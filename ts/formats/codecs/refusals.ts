// What is no residual quantizer, or one with something besides that changes codes: refused by its name.
import { RvqError } from '../../model/errors.ts';
import { badFile, quote } from '../check.ts';

/** Marks in the names of tensors, and whose they are. The first that fits counts. */
const KINDS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(^|[._])fsqs?([._]|\d|$)|(^|\.)(_?levels|_?basis|implicit_codebook)$/i, 'finite scalar quantization (FSQ)'],
  [/(^|[._])lfqs?([._]|\d|$)|^(layers\.\d+\.)?mask$|(^|\.)quantizers?\.(.*\.)?mask$/i, 'lookup-free quantization (LFQ)'],
  [/(^|\.)(frozen_codebook|code_transform\.)/, 'SimVQ, whose codewords are a transformed frozen codebook,'],
  [/(^|\.)rand_projs$/, 'a random-projection quantizer'],
  [/(^|\.)values_per_latent(\.|$)/, 'latent quantization'],
  [/(^|\.)(codebooks|quantizers?\.vars|codevectors)$/, 'a product quantizer'],
  [/(^|\.)_?codebook\.(embed|embedding_sum|embed_sum|weight)$/, 'a vector quantizer of one codebook, without stages,'],
  [/(^|[._])(vq|quantiz\w*|codebook)(_layer)?\.(.*\.)?embedding(\.weight|s)?$/i, 'a vector quantizer of one codebook, without stages,'],
  [
    /(^|[._])quantiz\w*\.(.*\.)?(project_in|project_out|input_proj|output_proj|in_proj|out_proj)\./i,
    'a quantizer without codewords, such as FSQ or LFQ,',
  ],
  [/^project_(in|out)\./, 'a quantizer without codewords, such as FSQ or LFQ,'],
];

/** The error for a checkpoint that holds no residual quantizer. */
export function refuse(names: readonly string[], file: string, prefix: string): RvqError {
  for (const [pattern, what] of KINDS) {
    const mark = names.find((name) => pattern.test(name));
    if (mark !== undefined) return new RvqError('UNSUPPORTED', file, `tensor ${quote(mark)}: ${what} is no residual vector quantizer`);
  }
  const where = prefix === '' ? 'tensors' : `tensors ${quote(`${prefix}*`)}`;
  const expected = 'the residual quantizer of EnCodec, DAC, Mimi or vector-quantize-pytorch, such as "quantizer.layers.0.codebook.embed"';
  const found = names.length === 0 ? 'none' : `others, such as ${names.slice(0, 3).map(quote).join(', ')}`;
  return badFile(file, where, expected, found);
}

/** Options of vector-quantize-pytorch that change codes, by the tensors that they add. */
const OPTIONS: readonly (readonly [pattern: RegExp, option: string])[] = [
  [/(^|\.)mlps\./, 'implicit_neural_codebook (QINCo)'],
  [/_codebook\.(batch|codebook)_(mean|variance)(_needs_init)?$/, 'affine_param'],
  [/_codebook\.vq_bridge\./, 'vq_bridge'],
  [/project_in\.\d+\./, 'layernorm_after_project_in'],
];

/** The error for a tensor of a quantizer that its layout does not have. */
export function whyRefused(tensor: string, file: string): RvqError {
  const option = OPTIONS.find(([pattern]) => pattern.test(tensor))?.[1];
  const why = option === undefined ? 'what it does to codes is not known' : `the option ${option} of vector-quantize-pytorch is not supported`;
  return new RvqError('UNSUPPORTED', file, `tensor ${quote(tensor)}: ${why}`);
}
