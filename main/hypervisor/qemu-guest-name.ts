/** Splits /proc/PID/cmdline, whose arguments each end with a NUL. */
export const commandLineArguments = (text: string): readonly string[] =>
  text.split('\0').slice(0, text.endsWith('\0') ? -1 : undefined)

/**
 * The guest name of a QEMU process, from its `-name` option (qemu(1)): `-name NAME`, `-name guest=NAME,debug-threads=on`;
 * a comma in a value is written twice. Undefined for processes that are no QEMU, or carry no name.
 */
export function qemuGuestName(argv: readonly string[]): string | undefined {
  const program = argv[0]?.split('/').at(-1) ?? ''
  if (!/qemu|kvm/.test(program)) return undefined
  const index = argv.findIndex((word) => word === '-name' || word === '--name')
  const value = index < 0 ? undefined : argv[index + 1]
  if (value === undefined) return undefined
  // left to right, as QEMU reads it: a pair of commas is a comma, a single one separates
  const parts = value
    .replaceAll(',,', '\0')
    .split(',')
    .map((part) => part.replaceAll('\0', ','))
  const named = parts.find((part) => part.startsWith('guest='))
  if (named !== undefined) return named.slice('guest='.length)
  const [bare] = parts
  return bare === undefined || bare.includes('=') ? undefined : bare
}
