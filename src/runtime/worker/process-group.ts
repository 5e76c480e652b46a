// Ending a worker together with everything that it started.

const GRACE_MS = 2_000;

/** Ends the process group of `pid`: SIGTERM, after two seconds SIGKILL. Resolves when the leader is gone. */
export async function endGroup(pid: number | undefined, finished: Promise<unknown>): Promise<void> {
  if (pid === undefined) return;
  const leaderAlive = signalGroup(pid, 'SIGTERM');
  if (!leaderAlive) return;
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  await finished;
  clearTimeout(timer);
  // Children that ignored SIGTERM outlive the leader in its group.
  signalGroup(pid, 'SIGKILL');
}

/** Kills the group when this process exits, however it comes to that; the returned function calls it off. */
export function killGroupOnExit(pid: number | undefined): () => void {
  const kill = () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  };
  process.on('exit', kill);
  return () => process.off('exit', kill);
}

/** True where somebody got the signal. */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}
