// Where spark-submit is, and the driver of the package residual-vq-spark; or what is missing, and how to install it.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Failure } from './exit.ts';

export interface Driver {
  /** spark-submit. */
  readonly submit: string;
  /** The script that it runs. */
  readonly script: string;
}

/** @param python the Python whose packages are looked at */
export async function findDriver(python: string): Promise<Driver> {
  return { script: await findScript(python), submit: await findSubmit(python) };
}

async function findScript(python: string): Promise<string> {
  const { output, error } = await runPython(python, 'import os, residual_vq_spark as package; print(os.path.dirname(package.__file__))');
  if (output !== undefined) return join(output, '__main__.py');
  const missing = /No module named '([^']+)'/.exec(error)?.[1];
  if (missing === undefined) throw new Failure(`${python}: cannot import residual_vq_spark: ${error}`);
  throw new Failure(`${python} has no package ${missing}: ${python} -m pip install residual-vq-spark`);
}

async function findSubmit(python: string): Promise<string> {
  const home = process.env.SPARK_HOME;
  if (home !== undefined && home !== '') {
    const submit = join(home, 'bin', 'spark-submit');
    if (await isProgram(submit)) return submit;
    throw new Failure(`SPARK_HOME is ${home}, where there is no bin/spark-submit: set it to a folder of Spark, or unset it`);
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const submit = join(folder, 'spark-submit');
    if (folder !== '' && (await isProgram(submit))) return submit;
  }
  const { output } = await runPython(python, 'import os, pyspark; print(os.path.dirname(pyspark.__file__))');
  if (output !== undefined && (await isProgram(join(output, 'bin', 'spark-submit')))) return join(output, 'bin', 'spark-submit');
  throw new Failure(`spark-submit is missing: set SPARK_HOME, put it on the PATH, or ${python} -m pip install pyspark`);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The last line that a program of Python prints, or of what it complains of. */
function runPython(python: string, program: string): Promise<{ output?: string; error: string }> {
  return new Promise((resolve, reject) => {
    execFile(python, ['-c', program], { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve({ output: lastLine(stdout), error: '' });
      else if (error.code === 'ENOENT') reject(new Failure(`${python}: there is no such program: install Python 3, or name it by --python`));
      else resolve({ error: lastLine(stderr) || error.message });
    });
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
