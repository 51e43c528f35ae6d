import type { KtxCliIo } from '@kaelio/ktx';

/** Streams that capture what is written to them. */
export interface RecordingIo {
  io: KtxCliIo;
  stdout(): string;
  stderr(): string;
}

/** Creates capturing streams, which are not terminals. */
export function recordingIo(): RecordingIo {
  const written = { stdout: '', stderr: '' };
  return {
    io: {
      stdout: { write: (chunk) => (written.stdout += chunk) },
      stderr: { write: (chunk) => (written.stderr += chunk) },
    },
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}
