// The page of a training: what came of it, what to look at, and how it went, by stage, iteration and codeword.
import { count, percent, short } from './numbers.ts';
import { pageHtml } from './page.ts';
import { escapeText } from './svg.ts';
import { type Table, tableHtml } from './table.ts';
import { iterationChart, rateChart, stageChart } from './training-charts.ts';
import type { RatePoint, TrainingData } from './training-data.ts';
import { TRAINING_STYLE } from './training-style.ts';
import { topOf, usePlot } from './use-plot.ts';

/** Stages whose use is drawn; the table has them all. */
const MOST_USE_PLOTS = 32;

export function trainingHtml(data: TrainingData): string {
  return pageHtml({
    title: `${baseName(data.codebook.file)}: a training’s report`,
    style: TRAINING_STYLE,
    main: [opening(data), warnings(data), rate(data), stages(data), iterations(data), use(data), numbers(data), making(data)].join('\n'),
    footer: `<p>residual-vq ${escapeText(data.residualVq)}, ${threadsText(data.threads)}. The same figures as data: <code>rvq train --report</code> with a name that ends in <code>.json</code>.</p>`,
  });
}

function opening({ vectors, codebook, training, seconds, threads, rateDistortion }: TrainingData): string {
  const { rowsUsed, mse, heldBackMse } = training;
  const { bitsPerRow, dim } = codebook;
  const rows = rowsUsed < vectors.rows ? `${count(rowsUsed)} of ${count(vectors.rows)} rows` : `${count(rowsUsed)} rows`;
  const whom = rateDistortion.heldBack ? 'rows that did not train' : 'the rows that trained';
  const size = bitsPerRow === 0 ? `${count(32 * dim)} bits of float32` : `${short((32 * dim) / bitsPerRow)} times smaller than float32`;
  const facts: [string, string][] = rateDistortion.curves.map(({ beam, points }) => [
    percent(lastOf(points).relativeError),
    `of the squared norm of ${whom} is lost ${beam === 1 ? 'by greedy encoding' : `with beam ${beam}`}`,
  ]);
  facts.push([`${count(bitsPerRow)} bits`, `a row, ${size}`]);
  facts.push(
    heldBackMse === undefined
      ? [short(mse, 4), 'mse of the rows that trained']
      : [
          gapText(mse, heldBackMse),
          `${moreOrLess(mse, heldBackMse)} error for rows held back: mse ${short(heldBackMse, 4)} against ${short(mse, 4)}`,
        ],
  );
  return `<header>
<p class="name">residual-vq</p>
<h1>A codebook for ${escapeText(baseName(vectors.file))}</h1>
<p class="lead">${escapeText(shapeText(codebook.codewords))} of dim ${count(dim)}, trained on ${rows} in ${secondsText(seconds)} with ${threadsText(threads)}.</p>
<dl class="facts">
${facts.map(([value, name]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`).join('\n')}
</dl>
</header>`;
}

function warnings({ training }: TrainingData): string {
  const { warnings } = training;
  if (warnings.length === 0) {
    return `<section class="notes calm" aria-labelledby="warnings">
<h2 id="warnings">Nothing to warn of</h2>
<p>Rows enough for every codeword, no codeword without rows${training.heldBackMse === undefined ? '' : ', and no stage that fits only the rows that trained'}.</p>
</section>`;
  }
  return `<section class="notes" aria-labelledby="warnings">
<h2 id="warnings">${warnings.length === 1 ? 'One thing to look at' : `${count(warnings.length)} things to look at`}</h2>
<ul>
${warnings.map((warning) => `<li>${escapeText(warning)}</li>`).join('\n')}
</ul>
</section>`;
}

function rate({ rateDistortion, training }: TrainingData): string {
  const { rows, heldBack, curves } = rateDistortion;
  const [greedy, wide] = curves.map(({ points }) => lastOf(points).relativeError);
  const gain =
    wide === undefined || greedy === 0
      ? ''
      : ` With all stages, beam ${curves[1].beam} leaves ${percent(1 - wide / greedy)} less than greedy encoding.`;
  const whom = heldBack
    ? `${count(rows)} rows that did not train`
    : `${count(rows)} of the ${count(training.rowsUsed)} rows that trained, which fit better than new ones: <code>--held-back 0.1</code> keeps a tenth of the rows for this`;
  return section(
    'rate',
    'Bits against error',
    `<p>Measured by encoding ${whom}. Each point is a codebook of its own: the first stages alone. Codes can be cut after any stage, and these are what that costs.${gain}</p>`,
    rateChart(rateDistortion),
  );
}

function stages(data: TrainingData): string {
  const { mse, heldBackMse, stages, refinements, rowsHeldBack } = data.training;
  const others =
    heldBackMse === undefined
      ? '<p>No rows were held back: <code>--held-back 0.1</code> would show here what new rows come to.</p>'
      : `<p>${count(rowsHeldBack)} rows were held back. They end with ${gapText(mse, heldBackMse)} ${moreOrLess(mse, heldBackMse)} error than those that trained; a gap that widens from stage to stage is overfitting.</p>`;
  const first = stages[0].mse;
  const fall = stages.length > 1 && first > 0 ? ` It falls from ${short(first, 4)} after the first stage to ${short(mse, 4)} after the last.` : '';
  const refined =
    refinements.length === 0
      ? ''
      : `<p>Joint refinement moved the codewords of all stages together, ${refinements.length === 1 ? 'once' : `${count(refinements.length)} times`}: mse ${refinements.map((round) => short(round.mse, 4)).join(', then ')}. The curves are those after it.</p>`;
  return section(
    'stages',
    'Error by stage',
    `<p>mse is the mean over rows of the summed squared difference between a row and its approximation.${fall}</p>\n${others}${refined}`,
    stageChart(data),
  );
}

function iterations(data: TrainingData): string {
  const { stages } = data.training;
  const all = stages.reduce((sum, stage) => sum + stage.iterations, 0);
  if (all === 0) return '';
  const early = stages.filter(({ iterations }) => iterations < Number(data.options.iterations)).length;
  const settled = early === 0 ? '' : ` ${early === 1 ? 'One stage' : `${count(early)} stages`} ended early, as nothing more was to be gained.`;
  const beam = Number(data.options.beam);
  const entries =
    beam > 1 ? ' Most iterations go over one entry of each row, the last ones over all that the beam keeps: there the curve may jump.' : '';
  return section(
    'iterations',
    'Error by iteration',
    `<p>The error of the rows of each stage under the codewords with which the iteration began, ${count(all)} iterations in all.${settled}${entries}</p>
<p>A curve that still falls where its stage ends would gain by more <code>--iterations</code>.</p>`,
    iterationChart(data),
  );
}

function use({ training }: TrainingData): string {
  const stages = training.stages.slice(0, MOST_USE_PLOTS);
  const top = topOf(stages.map(({ use }) => use));
  const plots = stages.map(({ use, entropy, dead, nearDead }, m) => {
    const facts = `${dead === 0 ? 'none' : count(dead)} dead, ${nearDead === 0 ? 'none' : count(nearDead)} near dead`;
    const label = `Stage ${m + 1}: rows of each codeword, sorted. Normalized entropy ${entropy.toFixed(3)}, ${facts}.`;
    return `<figure>${usePlot(use, { top, label })}<figcaption><strong>Stage ${m + 1}</strong><br>entropy ${entropy.toFixed(3)}<br>${facts}</figcaption></figure>`;
  });
  const more =
    stages.length < training.stages.length ? ` The first ${count(stages.length)} of ${count(training.stages.length)} stages are drawn.` : '';
  return `<section aria-labelledby="use">
<h2 id="use">Use of codewords</h2>
<p>How many rows chose each codeword, the most chosen on the left, as a multiple of an even share (1; the scale is that of square roots). Below 0.1 a codeword is near dead, without a row it is dead. The entropy
is 1 where all are used alike; what it lacks is bits that a better spread, or an entropy coder, would save.${more}</p>
<div class="uses">
${plots.join('\n')}
</div>
</section>`;
}

function numbers({ training, codebook, rateDistortion }: TrainingData): string {
  const heldBack = training.heldBackMse !== undefined;
  const table: Table = {
    caption: `Each stage of ${baseName(codebook.file)}, on the rows that trained`,
    heads: ['stage', 'codewords', 'rows', 'mse', ...(heldBack ? ['mse held back'] : []), 'iterations', 'repaired', 'dead', 'near dead', 'entropy'],
    rows: training.stages.map((stage, m) => [
      String(m + 1),
      count(stage.codewords),
      count(stage.rows),
      short(stage.mse, 4),
      ...(heldBack ? [short(stage.heldBackMse ?? Number.NaN, 4)] : []),
      count(stage.iterations),
      count(stage.repaired),
      count(stage.dead),
      count(stage.nearDead),
      stage.entropy.toFixed(3),
    ]),
  };
  const { curves, rows } = rateDistortion;
  const rates: Table = {
    caption: `The first stages alone, on ${count(rows)} rows ${rateDistortion.heldBack ? 'held back' : 'that trained'}`,
    heads: ['stages', 'bits a row', ...curves.flatMap(({ beam }) => [`mse, beam ${beam}`, `relative error, beam ${beam}`])],
    rows: curves[0].points.map(({ stages, bitsPerRow }, i) => [
      String(stages),
      count(bitsPerRow),
      ...curves.flatMap(({ points }) => [short(points[i].mse, 4), percent(points[i].relativeError)]),
    ]),
  };
  const rounds: Table = {
    caption: 'Rounds of joint refinement',
    heads: ['round', 'weight of the ridge, in rows', 'mse'],
    rows: training.refinements.map(({ weight, mse }, i) => [String(i + 1), short(weight), short(mse, 4)]),
  };
  const tables = [table, rates, ...(rounds.rows.length > 0 ? [rounds] : [])];
  return `<section aria-labelledby="numbers">
<h2 id="numbers">In numbers</h2>
${tables.map(tableHtml).join('\n')}
</section>`;
}

function making({ command, options, codebook }: TrainingData): string {
  const settings = Object.entries(options).map(([name, value]) => {
    const text = Array.isArray(value) ? shapeText(value) : value === null ? 'none' : String(value);
    return `<div><dt>${escapeText(name)}</dt><dd>${escapeText(text)}</dd></div>`;
  });
  return `<section aria-labelledby="making">
<h2 id="making">How it was made</h2>
<pre tabindex="0"><code>${commandText(command)}</code></pre>
<p>The same vectors and options give the same codebook on every machine, bit for bit: its id is <code class="id">${escapeText(codebook.id)}</code>.</p>
<dl class="settings">
${settings.join('\n')}
</dl>
</section>`;
}

function section(id: string, title: string, words: string, chart: string): string {
  return `<section class="beside" aria-labelledby="${id}">
<div>
<h2 id="${id}">${title}</h2>
${words}
</div>
<figure>${chart}</figure>
</section>`;
}

/** Options do not break at their hyphens. */
function commandText(command: string): string {
  return escapeText(command).replaceAll(/(?<= )-[\w-]+/g, '<span class="flag">$&</span>');
}

/** "8 stages of 256 codewords", "3 stages of 32, 64 and 128 codewords". */
function shapeText(codewords: readonly number[]): string {
  const stages = codewords.length === 1 ? '1 stage' : `${count(codewords.length)} stages`;
  if (codewords.every((size) => size === codewords[0])) return `${stages} of ${count(codewords[0])} codewords`;
  const sizes = codewords.slice(0, 8).map((size) => count(size));
  return codewords.length > 8
    ? `${stages} of ${sizes.join(', ')}, ... codewords`
    : `${stages} of ${sizes.slice(0, -1).join(', ')} and ${sizes.at(-1)} codewords`;
}

/** "12.4 %", how far the second is from the first. */
function gapText(mse: number, other: number): string {
  if (mse === 0) return other === 0 ? '0 %' : 'infinitely';
  return percent(Math.abs(other / mse - 1));
}

function moreOrLess(mse: number, other: number): string {
  return other < mse ? 'less' : 'more';
}

function secondsText(seconds: number): string {
  if (seconds < 90) return `${short(seconds)} seconds`;
  return seconds < 5400 ? `${short(seconds / 60)} minutes` : `${short(seconds / 3600)} hours`;
}

function threadsText(threads: number): string {
  return threads === 1 ? 'one thread' : `${count(threads)} threads`;
}

function lastOf(points: readonly RatePoint[]): RatePoint {
  return points[points.length - 1];
}

/** The name without its folders. */
function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
