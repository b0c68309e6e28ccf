import { describe, expect, it } from 'vitest';
import { short as inCommand } from '../ts/cli/terminal.ts';
import { short as inReport } from '../ts/report/numbers.ts';

describe('numbers as people read them', () => {
  it.each([
    [31_230, '31,230', '31,200'],
    [12_345.678, '12,346', '12,300'],
    [0.43117, '0.4312', '0.431'],
    [1.23456e-7, '1.235e-7', '0.000000123'],
    [9.876e14, '987,600,000,000,000', '988,000,000,000,000'],
    [2.672622000402384e30, '2.673e+30', '2.67e+30'],
    [-1e15, '-1.000e+15', '-1.00e+15'],
    [Number.POSITIVE_INFINITY, 'Infinity', '∞'],
  ])('%d is %s in the command and %s in a report', (value, command, report) => {
    expect(inCommand(value)).toBe(command);
    expect(inReport(value)).toBe(report);
  });
});
