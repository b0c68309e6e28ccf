// Numbers as reports write them.

/** "20,000". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** To `digits` that count: 121,000, 44.1, 0.524, 2.67e+30. */
export function short(value: number, digits = 3): string {
  if (Math.abs(value) >= 1e15 && Number.isFinite(value)) return value.toExponential(digits - 1);
  return Number(value.toPrecision(digits)).toLocaleString('en-US', { maximumSignificantDigits: digits });
}

/** A part of one as "11.7 %". */
export function percent(part: number): string {
  return `${(100 * part).toPrecision(3)} %`;
}
