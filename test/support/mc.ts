/** What to tell people who have no `mc`: one line. */
export const NO_MC =
  'No MC_BIN: tests with the MinIO client are skipped. Set MC_BIN=/path/to/mc (go install github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9).';

/** The MinIO client, from `MC_BIN` only: other programs are called `mc` too. */
export function mcBinary(): string | undefined {
  const named = process.env['MC_BIN'];
  return named === '' ? undefined : named;
}
