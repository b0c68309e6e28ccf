// rvq spark with a spark-submit that only says what it was given: what reaches it, what comes of what it says, how it is stopped.
// spark/test/test_command.py runs the real one.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { finish } from './support/command.ts';
import { temporaryFolder } from './support/files.ts';
import { shell, startShell } from './support/shell.ts';

function program(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

interface Fake {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** The words that spark-submit was given. */
  words(): string[];
}

/** A folder with a Python that has the package, and a spark-submit that writes down its words and then does `script`. */
function fake(script: string, python = 'echo /packages/residual_vq_spark'): Fake {
  const cwd = temporaryFolder();
  program(join(cwd, 'python'), python);
  program(join(cwd, 'spark/bin/spark-submit'), `for word in "$@"; do echo "$word"; done > '${cwd}/words'\n${script}`);
  return {
    cwd,
    env: { SPARK_HOME: join(cwd, 'spark'), PYSPARK_PYTHON: join(cwd, 'python'), PYSPARK_DRIVER_PYTHON: '' },
    words: () => readFileSync(join(cwd, 'words'), 'utf8').trimEnd().split('\n'),
  };
}

const run = (of: Fake, line: string) => shell(line, { cwd: of.cwd, env: of.env });

const TRAIN = 'rvq spark train rows.parquet -o book.safetensors --stages 2 --codewords 16,8';

describe('rvq spark', () => {
  it('gives spark-submit its options, what follows --, the driver, and its words', async () => {
    const spark = fake(`echo '{"output": "book.safetensors", "rows": 1000, "bitsPerRow": 7, "mse": 0.5}'`);
    const line = `${TRAIN} --iterations 3 --beam 2 --seed 0 --column 'a b' --start s.safetensors --checkpoint part.safetensors`;
    const submit = "--master 'spark://h:7077' --conf a=1 --conf 'b=x y' --executor-memory 2g";
    const { code, stdout, stderr } = await run(spark, `${line} ${submit} -- --packages g:a:1 --verbose`);
    expect([code, stdout, stderr]).toEqual([0, '', 'rvq: wrote book.safetensors: 1,000 rows, 7 bits a row, mse 0.5\n']);
    const options = ['--master', 'spark://h:7077', '--conf', 'a=1', '--conf', 'b=x y', '--executor-memory', '2g', '--packages', 'g:a:1', '--verbose'];
    const own = '--stages 2 --codewords 16,8 --iterations 3 --beam 2 --seed 0 --start s.safetensors --checkpoint part.safetensors --json'.split(' ');
    const driver = ['/packages/residual_vq_spark/__main__.py', 'train', 'rows.parquet', '--output', 'book.safetensors', '--column', 'a b'];
    expect(spark.words()).toEqual([...options, ...driver, ...own]);
  });

  it('gives encode, decode and eval theirs, and prints what eval finds', async () => {
    const found = { rows: 10, dim: 4, stages: 1, codewords: [16], bitsPerRow: 4, mse: 0.25, msePerStage: [0.25], relativeError: 0.5 };
    const evaluation = { ...found, relativeErrorPerStage: [0.5], entropyPerStage: [1], deadPerStage: [0] };
    const spark = fake(`echo '${JSON.stringify(evaluation)}'`);
    await run(spark, 'rvq spark encode b.safetensors in -o out --packed --overwrite --output-column c --beam 4');
    expect(spark.words().slice(1, -1)).toEqual('encode b.safetensors in --output out --beam 4 --packed --output-column c --overwrite'.split(' '));
    await run(spark, 'rvq spark decode b.safetensors in -o out --stages 1');
    expect(spark.words().slice(1, -1)).toEqual('decode b.safetensors in --output out --stages 1'.split(' '));
    const text = await run(spark, 'rvq spark eval b.safetensors in');
    expect(text.stdout).toMatch(
      /^10 rows of dim 4, 1 stage x 16 codewords: 4 bits a row, 32 times smaller than float32\nmse 0.25, relative error 50.00 %;/,
    );
    const json = await run(spark, 'rvq spark eval b.safetensors in --json');
    expect(JSON.parse(json.stdout)).toEqual(evaluation);
  });

  it('tells progress, notes and warnings as other commands do, and the log where it is asked for', async () => {
    const progress = { type: 'progress', task: 'training', stage: 0, stages: 2, iteration: 3, iterations: 12, mse: 0.123456789, fraction: 0.1 };
    const said = [progress, { type: 'warning', message: 'few rows' }, { type: 'note', message: 'on' }];
    const lines = said.map((each) => `echo '${JSON.stringify(each)}'`).join('\n');
    const spark = fake(`echo '26/11/25 INFO log' >&2\n${lines}\necho 'not JSON'\necho '{"output": "b", "rows": 3, "bitsPerRow": 7, "mse": 1}'`);
    expect((await run(spark, TRAIN)).stderr.split('\n')).toEqual([
      'rvq: stage 1/2, iteration 3/12, mse 0.123457',
      'rvq: warning: few rows',
      'rvq: on',
      'rvq: wrote b: 3 rows, 7 bits a row, mse 1',
      '',
    ]);
    const verbose = (await run(spark, `${TRAIN} --verbose`)).stderr;
    expect(verbose).toContain('26/11/25 INFO log\n');
    expect(verbose).toContain('not JSON\n');
    const json = await run(spark, `${TRAIN} --json --verbose`);
    const types = json.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types.sort()).toEqual(['log', 'log', 'note', 'progress', 'warning']);
    expect(JSON.parse(json.stdout)).toEqual({ output: 'b', rows: 3, bitsPerRow: 7, mse: 1 });
    expect((await run(spark, `${TRAIN} --quiet`)).stderr).toBe('');
  });

  it('ends with the exit code of the driver, and what it says', async () => {
    const failing = fake(`echo '{"type": "error", "message": "row 7: expected 8 values, got 3", "exitCode": 3}'; exit 3`);
    expect(await run(failing, TRAIN)).toMatchObject({ code: 3, stderr: 'rvq: row 7: expected 8 values, got 3\n' });
    const json = await run(failing, `${TRAIN} --json`);
    expect(JSON.parse(json.stderr)).toEqual({ type: 'error', message: 'row 7: expected 8 values, got 3', exitCode: 3 });
  });

  it('shows the end of the log where Spark itself fails', async () => {
    const spark = fake('for i in $(seq 30); do echo "line $i" >&2; done; exit 1');
    const { code, stderr } = await run(spark, TRAIN);
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 11}`);
    expect([code, stderr.trimEnd().split('\n')]).toEqual([1, [...lines, `rvq: ${join(spark.cwd, 'spark/bin/spark-submit')} ended with exit code 1`]]);
    const killed = fake('kill -9 $$');
    expect(await run(killed, TRAIN)).toMatchObject({ code: 1, stderr: expect.stringContaining('was ended by SIGKILL') });
  });

  it('says what is missing, and how to install it', async () => {
    const said = async (of: Fake, env: Record<string, string> = {}, flags = '') => {
      const { code, stderr } = await shell(`${TRAIN} ${flags}`, { cwd: of.cwd, env: { ...of.env, ...env } });
      expect(code).toBe(1);
      expect(existsSync(join(of.cwd, 'words'))).toBe(false);
      return stderr.trimEnd();
    };
    const without = (name: string) => fake('', `echo "ModuleNotFoundError: No module named '${name}'" >&2; exit 1`);
    const python = (of: Fake) => join(of.cwd, 'python');
    const bare = without('residual_vq_spark');
    expect(await said(bare)).toBe(`rvq: ${python(bare)} has no package residual_vq_spark: ${python(bare)} -m pip install residual-vq-spark`);
    expect(await said(fake(''), { SPARK_HOME: '/nowhere' })).toMatch(/^rvq: SPARK_HOME is \/nowhere, where there is no bin\/spark-submit/);
    expect(await said(fake(''), {}, '--python nopython')).toBe('rvq: nopython: there is no such program: install Python 3, or name it by --python');
    const noSpark = fake('', 'case "$2" in *pyspark\\;*) exit 1;; esac; echo /packages/residual_vq_spark');
    expect(await said(noSpark, { SPARK_HOME: '' })).toBe(
      `rvq: spark-submit is missing: set SPARK_HOME, put it on the PATH, or ${python(noSpark)} -m pip install pyspark`,
    );
  });

  it('finds spark-submit on the PATH, and in the package pyspark', async () => {
    const result = `echo '{"output": "b", "rows": 3, "bitsPerRow": 7, "mse": 1}'`;
    const onPath = fake(result);
    expect(await shell(`PATH="$PWD/spark/bin:$PATH" ${TRAIN} -q`, { ...onPath, env: { ...onPath.env, SPARK_HOME: '' } })).toMatchObject({
      code: 0,
      stderr: '',
    });
    const packaged = fake(result);
    program(join(packaged.cwd, 'python'), `case "$2" in *pyspark\\;*) echo '${packaged.cwd}/spark';; *) echo /packages/residual_vq_spark;; esac`);
    expect(await run({ ...packaged, env: { ...packaged.env, SPARK_HOME: '' } }, `${TRAIN} -q`)).toMatchObject({ code: 0, stderr: '' });
    expect(packaged.words()).toContain('train');
  });

  it('refuses what a job does not have or needs before anything runs', async () => {
    const spark = fake('');
    const said = async (line: string) => {
      const { code, stderr } = await run(spark, `rvq spark ${line}`);
      expect([code, existsSync(join(spark.cwd, 'words'))]).toEqual([2, false]);
      return stderr.trimEnd().replace('rvq: ', '');
    };
    expect(await said('encode b.safetensors in -o out --stages 3')).toBe('--stages: has no meaning with rvq spark encode');
    expect(await said('eval b.safetensors in --packed')).toBe('--packed: has no meaning with rvq spark eval');
    expect(await said('encode in -o out')).toBe('rvq spark encode: expected the codebook and the vectors, got in');
    expect(await said('train a b -o out')).toBe('rvq spark train: expected the vectors, got a b');
    expect(await said('train a -o out --stages 2')).toBe("required option '--codewords <k>' not specified (see rvq help spark)");
    expect(await said('trian a')).toMatch(/Allowed choices are train, encode, decode, eval/);
  });

  it.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ] as const)('passes %s on to all processes of the job, and waits for their end', async (signal, expected, word) => {
    const name = signal.slice(3);
    const heard = (who: string) => `trap 'sleep 0.3; echo ${who} >> heard; exit 1' ${name}`;
    const spark = fake(`( ${heard('child')}; touch ready; while :; do sleep 0.05; done ) &\n${heard('parent')}\nwait; wait`);
    const child = startShell(`exec ${TRAIN}`, spark);
    const ended = finish(child);
    for (let i = 0; i < 400 && !existsSync(join(spark.cwd, 'ready')); i++) await wait(25);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: expected, stdout: '', stderr: `rvq: ${word}, the job was stopped\n` });
    expect(readFileSync(join(spark.cwd, 'heard'), 'utf8').trimEnd().split('\n')).toContain('parent');
  });

  it('leaves no process behind that does not listen, when it is interrupted twice', async () => {
    const spark = fake('trap "" INT TERM\necho $$ > pid\ntouch ready\nwhile :; do sleep 0.1; done');
    const child = startShell(`exec ${TRAIN}`, spark);
    const ended = finish(child);
    for (let i = 0; i < 400 && !existsSync(join(spark.cwd, 'ready')); i++) await wait(25);
    child.kill('SIGINT');
    await wait(300);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const pid = Number(readFileSync(join(spark.cwd, 'pid'), 'utf8'));
    for (let i = 0; i < 100 && isRunning(pid); i++) await wait(20);
    expect(isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
