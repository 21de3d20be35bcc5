/**
 * Whether a line of a console is the kernel's own word that it panics (panic() in kernel/panic.c): at the beginning of the
 * line, or after the time stamp that the kernel puts before it, for a prompt may stand on the line already. A program that
 * quotes the words (the log of an earlier crash, a drill) says its own name first.
 */
export const isPanicLine = (text: string): boolean => /(?:^|\] ?)Kernel panic - not syncing/.test(text)
