/** Experiments on a real kernel: this machine's own, in namespaces, or user-mode Linux in virtual time. */
export { experiments } from './experiments.ts';
export { orderOf, type ExperimentConfig, type ExperimentOrder } from './order.ts';
export { recorderOf, type Recorder } from './recorder.ts';
export { kernelFolder, kernelTicks } from './user-mode-linux.ts';
