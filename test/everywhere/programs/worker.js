// The script of a pool's worker, as a program has it.
import 'residual-vq/worker';
