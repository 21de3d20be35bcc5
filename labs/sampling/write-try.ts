/**
 * The script with which a host tries to write one block of a LUN, and the reader of what it prints. sg_raw sends the command
 * as it is (WRITE(10), READ(10), SBC-3 5.32 and 5.8), so the answer is the device's status (18h RESERVATION CONFLICT: it ends with
 * 24, sg3_utils(8)), and not an errno of the block layer. A unit attention is no answer to the write: what else is pending is
 * taken in with TEST UNIT READY, and the write is sent once more.
 */
import type { BlockRead, SgAnswer } from '../journal/event.ts'

/** bytes of a block that is tried */
export const tryBytes = 4096
/** the first bytes of what is written in a try: nobody takes it for a record of the ledger */
export const tryMagic = 'FLEDGTRY'

/** What is done, in this order. `control` gives the block back what had been in it. */
export const tryModes = {
  /** by a host that may read where it tries to write */
  try: ['read', 'write', 'read'],
  control: ['read', 'write', 'read', 'restore'],
  read: ['read'],
  write: ['write'],
} as const
export type TryMode = keyof typeof tryModes

/**
 * Arguments: device, where the block begins (bytes), and the steps: `read`, `write` (the 4096 bytes of the standard input),
 * `restore` (what was read first). Prints for each command: =B= step, uptime before, uptime after, status, SHA-256 of what was
 * read or -; both outputs; =.=
 */
export const writeTryScript = `
device=$1 offset=$2; shift 2
place=$(mktemp -d) || exit 3
trap 'rm -rf "$place"' EXIT
read -r size </sys/block/"\${device##*/}"/queue/logical_block_size || exit 3
lba=$((offset / size)) count=$((${tryBytes} / size))
cdb() {
  printf '%s 00 %02x %02x %02x %02x 00 %02x %02x 00' "$1" $((lba >> 24 & 255)) $((lba >> 16 & 255)) $((lba >> 8 & 255)) \\
    $((lba & 255)) $((count >> 8 & 255)) $((count & 255))
}
sent() {
  step=$1; shift
  read -r began rest </proc/uptime
  sg_raw "$@" >"$place/out" 2>"$place/errors"; code=$?
  read -r ended rest </proc/uptime
  sum=-
  if [ "$step" = read ] && [ "$code" = 0 ] && [ "$(wc -c <"$place/block")" = ${tryBytes} ]; then
    sum=$(sha256sum <"$place/block"); sum=\${sum%% *}
  fi
  printf '=B= %s %s %s %s %s\\n' "$step" "$began" "$ended" "$code" "$sum"
  cat "$place/out"; printf '\\n=E=\\n'; cat "$place/errors"; printf '\\n=.=\\n'
}
attempt() {
  sent "$@"
  [ "$code" = 6 ] || return 0
  left=8
  while [ $left -gt 0 ]; do sg_turs "$device" >/dev/null 2>&1; [ $? = 6 ] || break; left=$((left - 1)); done
  sent "$@"
}
for step; do
  case $step in
    read)
      : >"$place/block"
      attempt read -R -t 20 -r ${tryBytes} -o "$place/block" "$device" $(cdb 28)
      [ -e "$place/before" ] || cp "$place/block" "$place/before" ;;
    write)
      cat >"$place/new"
      # what could not be read could not be given back
      case "$*" in *restore*) [ "$(wc -c <"$place/before")" = ${tryBytes} ] || continue ;; esac
      attempt write -t 20 -s ${tryBytes} -i "$place/new" "$device" $(cdb 2a) ;;
    restore)
      [ "$(wc -c <"$place/before")" = ${tryBytes} ] || continue
      attempt restore -t 20 -s ${tryBytes} -i "$place/before" "$device" $(cdb 2a) ;;
  esac
done
exit 0
`

interface Step extends SgAnswer {
  readonly step: string
  readonly sha256?: string
}

/** What the script told, in the words of the event. */
export interface TryOutput {
  readonly answers: readonly SgAnswer[]
  /** before and after the write; of several answers of a read the last one */
  readonly reads: readonly Omit<BlockRead, 'host'>[]
  readonly restored?: SgAnswer
}

/** @throws Error where the text is not the script's */
export function readTryOutput(text: string): TryOutput {
  const steps = text
    .split('\n=.=\n')
    .slice(0, -1)
    .map((part): Step => {
      const [head = '', ...rest] = part.split('\n')
      const [, step, began, ended, code, sum] = /^=B= (\w+) ([\d.]+) ([\d.]+) (\d+) ([0-9a-f]{64}|-)$/.exec(head) ?? []
      const [stdout, stderr] = rest.join('\n').split('\n=E=\n')
      if (step === undefined || stdout === undefined || stderr === undefined) {
        throw new Error(`unexpected text from the write try: ${part.slice(0, 200)}`)
      }
      return {
        step,
        exit: Number(code),
        stdout,
        stderr,
        began: Number(began),
        ended: Number(ended),
        ...(sum !== undefined && sum !== '-' && { sha256: sum }),
      }
    })
  const of = (name: string) => steps.filter(({ step }) => step === name).map(({ step: _, ...answer }) => answer)
  const restored = of('restore').at(-1)
  // a read that was answered with a unit attention is followed by its repetition
  const reads = of('read').filter((one, index, all) => !(one.exit === unitAttention && all[index + 1] !== undefined))
  return { answers: of('write'), reads, ...(restored && { restored }) }
}
const unitAttention = 6
