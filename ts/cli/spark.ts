// rvq spark: train, encode, decode and evaluate on Apache Spark. spark-submit runs the driver of the Python package residual-vq-spark; what it says
// is said here as the other commands say it.
import { Argument, type Command, Option } from 'commander';
import type { Evaluation } from '../index.ts';
import { count, counted } from '../model/errors.ts';
import { evaluationText } from './eval.ts';
import { interruptible, UsageError } from './exit.ts';
import { beamOption, codewordsOption, integerOption, needed } from './options.ts';
import { printDone, printResult } from './output.ts';
import { findDriver } from './spark-find.ts';
import { runDriver, type Summary } from './spark-run.ts';
import { rate, short } from './terminal.ts';

type Job = 'train' | 'encode' | 'decode' | 'eval';

/** Options of the driver, by the jobs that have them. */
const JOB_OPTIONS: readonly { readonly jobs: readonly Job[]; readonly option: Option }[] = [
  {
    jobs: ['train', 'encode', 'decode', 'eval'],
    option: new Option('-o, --output <file>', 'what is written: a codebook (.safetensors), or a folder of Parquet'),
  },
  { jobs: ['train', 'encode', 'decode', 'eval'], option: new Option('--column <name>', 'the column that is read (default: vectors; decode: codes)') },
  {
    jobs: ['train', 'decode'],
    option: new Option('--stages <n>', 'train: stages; decode: use the first so many only').argParser(integerOption({ min: 1, max: 1000 })),
  },
  {
    jobs: ['train'],
    option: new Option('--codewords <k>', 'train: codewords of every stage, or one number a stage: 64,32').argParser(codewordsOption),
  },
  { jobs: ['train'], option: new Option('--iterations <n>', 'train: k-means iterations of a stage').argParser(integerOption({ min: 1, max: 1e6 })) },
  { jobs: ['train', 'encode', 'eval'], option: new Option('--beam <n>', 'encodings kept of each row').argParser(beamOption) },
  { jobs: ['train'], option: new Option('--seed <n>', 'train: of all random choices').argParser(integerOption({ min: 0, max: 2 ** 32 - 1 })) },
  { jobs: ['train'], option: new Option('--start <file>', 'train: a codebook (.safetensors) to go on from') },
  { jobs: ['train'], option: new Option('--checkpoint <file>', 'train: keep what is done in this file after every iteration, and go on from it') },
  { jobs: ['encode'], option: new Option('--packed', 'encode: codes as binary, as few bits as they need') },
  { jobs: ['encode', 'decode'], option: new Option('--output-column <name>', 'the column that is written (default: codes; decode: vectors)') },
  { jobs: ['encode', 'decode'], option: new Option('--overwrite', 'replace the output where it is there') },
];

/** Options of spark-submit that are often needed, passed on as they are. */
const SUBMIT_OPTIONS = [
  ['--master <url>', 'where Spark runs: local[4], spark://host:7077, yarn, k8s://...'],
  ['--deploy-mode <mode>', 'client or cluster'],
  ['--conf <key=value>', "a property of Spark's, as often as needed"],
  ['--driver-memory <size>', 'such as 4g'],
  ['--executor-memory <size>', 'such as 8g'],
  ['--executor-cores <n>', 'cores of each executor'],
  ['--num-executors <n>', 'executors'],
] as const;

const TEXT = `
Examples:
  rvq spark train s3a://bucket/rows -o book.safetensors --stages 8 --codewords 256 --column embedding --master spark://host:7077
  rvq spark encode book.safetensors s3a://bucket/rows -o s3a://bucket/codes --column embedding --master yarn --conf spark.executor.instances=100
  rvq spark eval book.safetensors rows.parquet --column embedding --master 'local[4]' -- --packages org.apache.hadoop:hadoop-aws:3.4.1

It needs the Python package residual-vq-spark where the driver runs (pip install residual-vq-spark), wasmtime, pyarrow and numpy where executors run, and
Spark 3.5 or later: spark-submit of SPARK_HOME, of the PATH, or of the Python package pyspark. What follows -- goes to spark-submit as it is.
Ctrl-C stops the job; its exit code is that of this command.`;

export function addSpark(program: Command): Command {
  const command = program
    .command('spark')
    .summary('train, encode, decode and evaluate on Apache Spark')
    .description(
      'Do the work where the rows are: Parquet that Spark reads, with the same core and the same files, and codes that are equal bit for bit.',
    )
    .addArgument(new Argument('<job>', 'what to do').choices(['train', 'encode', 'decode', 'eval']))
    .argument(
      '<paths...>',
      'train: the vectors; else: the codebook (.safetensors), and the vectors or codes: .parquet, or a folder or table of it that Spark reads',
    );
  for (const { option } of JOB_OPTIONS) command.addOption(option);
  for (const [flags, description] of SUBMIT_OPTIONS) {
    const option = new Option(flags, description);
    command.addOption(flags.startsWith('--conf') ? option.argParser((value: string, before: string[] = []) => [...before, value]) : option);
  }
  return command
    .option('--python <program>', 'the Python of the driver and of the executors (default: PYSPARK_PYTHON, or python3)')
    .option('--verbose', "Spark's log, too, which otherwise is shown only where it may say what went wrong")
    .addHelpText('after', TEXT)
    .action((job: Job, paths: string[], flags: Flags) => interruptible((signal) => runSpark(command, job, paths, flags, signal)));
}

type Flags = Readonly<Record<string, unknown>>;

async function runSpark(command: Command, job: Job, given: readonly string[], flags: Flags, signal: AbortSignal): Promise<void> {
  const words = process.argv.slice(2);
  const end = words.indexOf('--');
  const further = end < 0 ? [] : words.slice(end + 1);
  const paths = given.slice(0, given.length - further.length);
  checkJob(command, job, paths, flags);
  const { PYSPARK_DRIVER_PYTHON, PYSPARK_PYTHON } = process.env; // set to nothing they are not set
  const python = typeof flags.python === 'string' ? flags.python : PYSPARK_DRIVER_PYTHON || PYSPARK_PYTHON || 'python3';
  const { submit, script } = await findDriver(python);
  const options = SUBMIT_OPTIONS.flatMap(([text]) => valuesOf(new Option(text), flags));
  const own = JOB_OPTIONS.flatMap(({ option }) => valuesOf(option, flags));
  const args = [...options, ...further, script, job, ...paths, ...own, '--json'];
  const started = performance.now();
  const summary = await runDriver(submit, args, { python, verbose: flags.verbose === true, signal });
  report(job, summary, (performance.now() - started) / 1000);
}

function checkJob(command: Command, job: Job, paths: readonly string[], flags: Flags): void {
  for (const { jobs, option } of JOB_OPTIONS) {
    if (flags[option.attributeName()] === undefined || jobs.includes(job)) continue;
    throw new UsageError(`${option.long}: has no meaning with rvq spark ${job}`);
  }
  const expected = job === 'train' ? ['the vectors'] : ['the codebook', job === 'decode' ? 'the codes' : 'the vectors'];
  if (paths.length !== expected.length)
    throw new UsageError(`rvq spark ${job}: expected ${expected.join(' and ')}, got ${paths.join(' ') || 'no path'}`);
  const required = job === 'train' ? ['output', 'stages', 'codewords'] : job === 'eval' ? [] : ['output'];
  for (const { option } of JOB_OPTIONS) {
    if (required.includes(option.attributeName())) needed(command, option.flags, flags[option.attributeName()] === undefined ? undefined : '');
  }
}

/** An option as the words of a command line. */
function valuesOf(option: Option, flags: Flags): string[] {
  const value = flags[option.attributeName()];
  const name = option.long ?? '';
  if (value === undefined) return [];
  if (value === true) return [name];
  return option.attributeName() === 'conf' && Array.isArray(value) ? value.flatMap((each) => [name, String(each)]) : [name, String(value)];
}

function report(job: Job, summary: Summary, seconds: number): void {
  const { output, rows, bitsPerRow, mse } = summary;
  if (typeof rows !== 'number') printDone(summary, 'done; its driver, which runs in the cluster, has the result in its log');
  else if (job === 'eval') printResult(summary, evaluationText(summary as unknown as Evaluation, seconds));
  else {
    const fact = job === 'train' ? `mse ${short(Number(mse))}` : rate(rows, seconds);
    printDone(summary, `wrote ${String(output)}: ${counted(rows, 'rows')}, ${count(Number(bitsPerRow))} bits a row, ${fact}`);
  }
}
