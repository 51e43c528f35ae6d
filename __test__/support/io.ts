import type { KtxCliIo } from '@kaelio/ktx';

/** Streams that remember what was written to them. */
export interface RecordingIo {
  io: KtxCliIo;
  stdout(): string;
  stderr(): string;
}

/** New streams of no terminal. */
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
