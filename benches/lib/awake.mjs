// Prevents CPU cores from going idle while one process waits for another.
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const idlePriority = ['--idle', '0'];

/** Busy loop that ends with its parent, also when a bench is killed. */
const busyLoop = 'while kill -0 $PPID; do :; done';

/**
 * Runs a busy loop of the lowest priority (`SCHED_IDLE`, Linux) on every core, until the returned function is called.
 * Waking an idle core takes a virtual machine longer than most clients take for a call, with a large variance. Without
 * that scheduling class cores may go idle.
 */
export function keepCoresAwake() {
  if (spawnSync('chrt', [...idlePriority, 'true']).status !== 0) return () => undefined;
  const loops = Array.from({ length: availableParallelism() }, () =>
    spawn('chrt', [...idlePriority, 'sh', '-c', busyLoop], { stdio: 'ignore' }),
  );
  return () => {
    for (const loop of loops) loop.kill();
  };
}
