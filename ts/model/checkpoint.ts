// The check of a checkpoint, which may come out of a file or a database.
import { checkCodebook, codewordsPerStage, sum } from './codebook.ts';
import { badArgument, count, counted, RvqError } from './errors.ts';
import { codewordUse } from './evaluation.ts';
import { isFingerprint } from './fingerprint.ts';
import { finiteNumber, integer, isPlain } from './options.ts';
import type { CheckpointSettings, Refinement, StageReport, TrainCheckpoint } from './training.ts';

/** The checkpoint, its reports copied, after a check of all but where it comes from. */
export function checkCheckpoint(value: TrainCheckpoint, subject = 'train option resume'): TrainCheckpoint {
  if (!isPlain(value)) throw badArgument(subject, 'a TrainCheckpoint, as onCheckpoint is given', value);
  const codebook = checkCodebook(value.codebook, `${subject}.codebook`);
  const settings = checkSettings(`${subject}.settings`, value.settings);
  const done = codebook.codewords.length;
  if (done > settings.codewords.length || codebook.codewords.some((size, m) => size !== settings.codewords[m])) {
    const message = `expected the first stages of ${settings.codewords.join(', ')} codewords, got ${codebook.codewords.join(', ')}`;
    throw new RvqError('INVALID_ARGUMENT', `${subject}.codebook`, message);
  }
  const stages = items(`${subject}.stages`, value.stages, checkStage);
  if (stages.length !== done) {
    throw badArgument(`${subject}.stages`, `an array of ${count(done)}, as the codebook has stages`, value.stages);
  }
  for (const [m, { codewords }] of stages.entries()) {
    integer(`${subject}.stages[${m}].codewords`, codewords, codebook.codewords[m], codebook.codewords[m]);
  }
  const refinements = items(`${subject}.refinements`, value.refinements, checkRefinement);
  if (refinements.length > 0 && done < settings.codewords.length)
    throw badArgument(`${subject}.refinements`, 'none before the last stage', refinements);
  if (!isFingerprint(value.vectors)) throw badArgument(`${subject}.vectors`, '32 hexadecimal digits', value.vectors);
  return { codebook, stages, refinements, settings, vectors: value.vectors };
}

function checkSettings(subject: string, value: CheckpointSettings): CheckpointSettings {
  if (!isPlain(value)) throw badArgument(subject, 'a plain object', value);
  const { codewords, refine } = value;
  if (!Array.isArray(codewords)) throw badArgument(`${subject}.codewords`, 'an array with the number of codewords of each stage', codewords);
  const sizes = codewordsPerStage(subject, codewords.length, codewords);
  return { ...value, codewords: sizes, refine: integer(`${subject}.refine`, refine, 0) };
}

function items<T>(subject: string, value: readonly T[], check: (subject: string, item: T) => T): T[] {
  if (!Array.isArray(value)) throw badArgument(subject, 'an array', value);
  return Array.from(value, (item: T, i) => {
    if (!isPlain(item)) throw badArgument(`${subject}[${i}]`, 'a plain object', item);
    return check(`${subject}[${i}]`, item);
  });
}

function checkStage(subject: string, stage: StageReport): StageReport {
  const at = (name: keyof StageReport) => `${subject}.${name}`;
  const codewords = integer(at('codewords'), stage.codewords, 1);
  const iterations = integer(at('iterations'), stage.iterations, 0);
  const { msePerIteration } = stage;
  if (!Array.isArray(msePerIteration) || msePerIteration.length !== iterations) {
    throw badArgument(at('msePerIteration'), `an array of ${count(iterations)}, one an iteration`, msePerIteration);
  }
  return {
    codewords,
    rows: integer(at('rows'), stage.rows, 1),
    mse: finiteNumber(at('mse'), stage.mse, 0),
    iterations,
    msePerIteration: Array.from(msePerIteration, (mse, i) => finiteNumber(`${at('msePerIteration')}[${i}]`, mse, 0)),
    repaired: integer(at('repaired'), stage.repaired, 0),
    ...codewordUse(checkUse(at('use'), stage)),
  };
}

function checkUse(subject: string, { use, codewords, rows }: StageReport): number[] {
  if (!Array.isArray(use) || use.length !== codewords) throw badArgument(subject, `an array of ${count(codewords)}, one a codeword`, use);
  const counts = Array.from(use, (rows, k) => integer(`${subject}[${k}]`, rows, 0));
  if (sum(counts) !== rows) throw badArgument(subject, `${counted(rows, 'rows')} in all`, sum(counts));
  return counts;
}

function checkRefinement(subject: string, { weight, axisWeight, mse }: Refinement): Refinement {
  return {
    weight: finiteNumber(`${subject}.weight`, weight, 0),
    axisWeight: finiteNumber(`${subject}.axisWeight`, axisWeight, 0),
    mse: finiteNumber(`${subject}.mse`, mse, 0),
  };
}
