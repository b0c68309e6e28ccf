// npm run bench:report: puts the kept results of both benchmarks and of the comparison of quantizers into the README (between its markers; else it
// prints the section) and into the plots of docs/img. The same results give the same bytes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FAISS_IN_BLOCKS, OURS } from './lib/contenders.ts';
import { print, runMain } from './lib/flags.ts';
import { type Growth, growthOf } from './lib/growth.ts';
import { machineText } from './lib/machine.ts';
import { QUANTIZER_MARKERS, type QuantizerResults, quantizerMarkdown } from './lib/quantizers.ts';
import { MARKERS, replaceBetweenMarkers, reportMarkdown } from './lib/report.ts';
import { FILES, keptOthers, type Results, readResults } from './lib/results.ts';
import { growthPlot } from './plot/growth.ts';
import { quantizersPlot } from './plot/quantizers.ts';
import { speedPlot } from './plot/speed.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

await runMain(async () => {
  if (!existsSync(FILES.keptPeers)) throw new Error(`${FILES.keptPeers}: not there; \`npm run bench:peers -- --keep\` makes it`);
  const peers = readResults(FILES.keptPeers);
  const bench = existsSync(FILES.keptBench) ? readResults(FILES.keptBench) : undefined;

  intoReadme(reportMarkdown(peers, bench?.facts ?? [], keptOthers().map(readResults)), MARKERS);
  if (existsSync(FILES.keptQuantizers)) {
    const quantizers = JSON.parse(readFileSync(FILES.keptQuantizers, 'utf8')) as QuantizerResults;
    intoReadme(quantizerMarkdown(quantizers), QUANTIZER_MARKERS);
    publish(`${ROOT}docs/img/quantizers.svg`, quantizersPlot(quantizers));
  }

  const notes = [`Blue: ${OURS}. Grey: ${FAISS_IN_BLOCKS}. Dotted: linear growth. Both axes are logarithmic.`, machineText(peers.machine)];
  mkdirSync(`${ROOT}docs/img`, { recursive: true });
  publish(`${ROOT}docs/img/speed.svg`, speedPlot(peers));
  publish(`${ROOT}docs/img/growth.svg`, growthPlot(growthPanels(peers, bench), notes));
});

/** Rows were varied in the benchmark without rivals alone. */
function growthPanels(peers: Results, bench: Results | undefined): Growth[][] {
  const rows = bench === undefined ? undefined : growthOf(bench.races, 'rows', OURS);
  const others = (['stages', 'codewords', 'dim'] as const).map((factor) => [
    growthOf(peers.races, factor, OURS),
    growthOf(peers.races, factor, FAISS_IN_BLOCKS),
  ]);
  return [[rows], ...others].map((growths) => growths.filter((growth) => growth !== undefined)).filter((growths) => growths.length > 0);
}

function intoReadme(section: string, markers: typeof MARKERS | typeof QUANTIZER_MARKERS): void {
  const readme = `${ROOT}README.md`;
  const replaced = existsSync(readme) ? replaceBetweenMarkers(readFileSync(readme, 'utf8'), section, markers) : undefined;
  if (replaced === undefined) print(section);
  else publish(readme, replaced);
}

function publish(path: string, text: string): void {
  writeFileSync(path, text);
  print(path);
}
