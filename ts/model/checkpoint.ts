// The check of a checkpoint, which may come out of a file or a database.
import { checkCodebook, MAX_STAGES } from './codebook.ts';
import { badArgument, count } from './errors.ts';
import { isFingerprint } from './fingerprint.ts';
import { finiteNumber, integer, isPlain } from './options.ts';
import type { Refinement, StageReport, TrainCheckpoint } from './training.ts';

/** The checkpoint, its reports copied, after a check of all but where it comes from. */
export function checkCheckpoint(value: TrainCheckpoint, subject = 'train option resume'): TrainCheckpoint {
  if (!isPlain(value)) throw badArgument(subject, 'a TrainCheckpoint, as onCheckpoint is given', value);
  const codebook = checkCodebook(value.codebook, `${subject}.codebook`);
  const done = codebook.codewords.length;
  const stagesInAll = integer(`${subject}.stagesInAll`, value.stagesInAll, done, MAX_STAGES);
  if (!isFingerprint(value.training)) throw badArgument(`${subject}.training`, '32 hexadecimal digits', value.training);
  const stages = items(`${subject}.stages`, value.stages, checkStage);
  if (stages.length !== done) {
    throw badArgument(`${subject}.stages`, `an array of ${count(done)}, as the codebook has stages`, value.stages);
  }
  for (const [m, { codewords }] of stages.entries()) {
    integer(`${subject}.stages[${m}].codewords`, codewords, codebook.codewords[m], codebook.codewords[m]);
  }
  const refinements = items(`${subject}.refinements`, value.refinements, checkRefinement);
  if (refinements.length > 0 && done < stagesInAll) throw badArgument(`${subject}.refinements`, 'none before the last stage', refinements);
  return { codebook, stages, refinements, stagesInAll, training: value.training };
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
    dead: integer(at('dead'), stage.dead, 0, codewords),
    nearDead: integer(at('nearDead'), stage.nearDead, 0, codewords),
    entropy: finiteNumber(at('entropy'), stage.entropy, 0),
  };
}

function checkRefinement(subject: string, { weight, axisWeight, mse }: Refinement): Refinement {
  return {
    weight: finiteNumber(`${subject}.weight`, weight, 0),
    axisWeight: finiteNumber(`${subject}.axisWeight`, axisWeight, 0),
    mse: finiteNumber(`${subject}.mse`, mse, 0),
  };
}
