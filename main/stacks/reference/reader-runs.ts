/**
 * The shell's question whether the process `$pid` is the reader of the ledger that belongs to `$program` (main/agent/reader.ts), and
 * not another one that has its number by now.
 */
export const readerRuns = `reader_runs() { tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$program read"; }`
