// Cores that do not fall asleep while one process waits for another.
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const whenIdle = ['--idle', '0'];

/** It ends with its parent, so that a bench that is killed leaves none behind. */
const spin = 'while kill -0 $PPID; do :; done';

/**
 * Gives every core something to do that gives way to all else (`SCHED_IDLE`, Linux), until the function that comes back is
 * called. Waking a core that sleeps takes a virtual machine longer than most clients take for a call, and not always as
 * long. Where the system has no such class, cores sleep as they like.
 */
export function keepCoresAwake() {
  if (spawnSync('chrt', [...whenIdle, 'true']).status !== 0) return () => undefined;
  const spinners = Array.from({ length: availableParallelism() }, () =>
    spawn('chrt', [...whenIdle, 'sh', '-c', spin], { stdio: 'ignore' }),
  );
  return () => {
    for (const spinner of spinners) spinner.kill();
  };
}
