// --checkpoint and --resume of rvq train: what is done so far is in a file, at any time in whole.
import { stat } from 'node:fs/promises';
import { RvqError, type TrainCheckpoint, type TrainOptions } from '../index.ts';
import { count, counted } from '../model/errors.ts';
import { readCheckpoint, writeCheckpoint } from '../node/index.ts';
import { Interrupted, UsageError } from './exit.ts';
import { checkOutput, writeOutput } from './files.ts';
import { printNote } from './output.ts';

export interface CheckpointFlags {
  checkpoint: string | undefined;
  resume: boolean | undefined;
}

/** For train's options, and around the call of it. */
export interface Checkpointing {
  readonly options: Pick<TrainOptions, 'onCheckpoint' | 'resume'>;
  /** Does the training. Its errors are told in the words of the command. */
  guard<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Reads what is to be resumed, and sees to it that nothing is lost: an unfinished checkpoint is replaced only by its own continuation.
 *
 * @param inputs files that the command reads
 */
export async function openCheckpoint(
  { checkpoint, resume = false }: CheckpointFlags,
  inputs: readonly string[],
  signal: AbortSignal,
): Promise<Checkpointing> {
  if (checkpoint === undefined) {
    if (resume) throw new UsageError('--resume: goes on from the file of --checkpoint, which is not given');
    return { options: {}, guard: (work) => work() };
  }
  await checkOutput('checkpoint', checkpoint, inputs, '--checkpoint');
  const found = (await exists(checkpoint)) ? await readFound(checkpoint, resume) : undefined;
  if (resume)
    printNote(found === undefined ? `no ${checkpoint} so far: training begins anew` : `going on from ${checkpoint}: ${progressText(found)}`);
  else if (found !== undefined && !isFinished(found)) {
    throw new UsageError(
      `--checkpoint ${checkpoint}: holds an unfinished training, ${progressText(found)}: --resume goes on from it; delete it to begin anew`,
    );
  }
  let last = resume ? found : undefined;
  return {
    options: {
      resume: resume ? found : undefined,
      async onCheckpoint(made) {
        await writeOutput(checkpoint, () => writeCheckpoint(checkpoint, made, { signal }));
        last = made;
      },
    },
    async guard(work) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Interrupted && !error.told && last !== undefined)
          throw new Interrupted(error.signal, `${checkpoint} has ${progressText(last)}: --resume goes on from there`);
        throw isOfResume(error) ? new UsageError(`--resume ${checkpoint}${error.message.slice(error.subject.length)}`, { cause: error }) : error;
      }
    },
  };
}

async function readFound(path: string, resume: boolean): Promise<TrainCheckpoint> {
  try {
    return await readCheckpoint(path);
  } catch (error) {
    if (resume || !(error instanceof RvqError)) throw error;
    throw new UsageError(`--checkpoint ${path}: is there already, and is no checkpoint that can be read: name another file`, { cause: error });
  }
}

function isOfResume(error: unknown): error is RvqError {
  return error instanceof RvqError && error.subject.startsWith('train option resume');
}

function isFinished({ stages, refinements, settings }: TrainCheckpoint): boolean {
  return stages.length === settings.codewords.length && refinements.length >= settings.refine;
}

/** "3 of 8 stages" */
export function progressText({ stages, refinements, settings }: TrainCheckpoint): string {
  const rounds = settings.refine === 0 ? '' : ` and ${count(refinements.length)} of ${count(settings.refine)} rounds of refinement`;
  return `${count(stages.length)} of ${counted(settings.codewords.length, 'stages')}${rounds}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile(); // a device has nothing to resume
  } catch {
    return false; // or cannot be read: to write it will say so
  }
}
