// What runtimes that compile no WebAssembly do: it comes to them compiled, as a module that they import.
import * as rvq from 'residual-vq';
import * as reference from 'residual-vq/reference';
import { exercise } from './exercise.js';

export async function edge() {
  return { root: await exercise(rvq), reference: await exercise(reference) };
}
