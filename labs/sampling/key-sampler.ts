/**
 * The sampler that lives on a host while a run goes on: one shell, one sg_persist per read, nothing else. It reads -k and
 * -r in each round and -s when the text of -k changed (not only when the generation moved: LIO does not raise it when a
 * nexus unregisters, though SPC-4 says so); a unit attention (exit 6: the command was not carried out) is followed by one
 * retry, and both answers are handed on. Both texts of an answer are handed on to the letter, its end included: a text
 * without its last line feed was cut.
 * Times are those of /proc/uptime, which a shell reads without starting a process.
 */
import type { KeysRead } from '../journal/event.ts'

/** Arguments: period in seconds, rounds (0: until the channel closes), then lun=device ... */
export const keySamplerScript = `
period=$1; rounds=$2; shift 2
place=$(mktemp -d) || exit 3
trap 'rm -rf "$place"' EXIT
trap 'exit 0' TERM HUP INT PIPE
# a text to the letter, with what stands after its last line feed: where a text ends tells whether it was cut. In files and
# not in $(...), which would cost a second process for every read
slurp() {
  text=
  while IFS= read -r line; do text="$text$line
"; done <"$1"
  text=$text$line
}
one() {
  attempt=1
  while :; do
    read -r began rest </proc/uptime
    sg_persist -n -y "$4" "$2" >"$place/output" 2>"$place/errors"; code=$?
    read -r ended rest </proc/uptime
    slurp "$place/output"; output=$text
    slurp "$place/errors"; said=$text
    printf '=B= %s %s %s %s %s %s %s\\n%s\\n=E=\\n%s\\n=.=\\n' "$1" "$2" "$3" "$attempt" "$began" "$ended" "$code" "$output" "$said" || exit 0
    [ "$code" = 6 ] && [ "$attempt" = 1 ] || break
    attempt=2
  done
}
round=0
while :; do
  number=0
  for pair in "$@"; do
    lun=\${pair%%=*}; device=\${pair#*=}; number=$((number + 1))
    if [ ! -e "$device" ]; then
      read -r began rest </proc/uptime
      printf '=B= %s %s keys 1 %s %s none\\n\\n=E=\\nno such device\\n\\n=.=\\n' "$lun" "$device" "$began" "$began" || exit 0
      continue
    fi
    one "$lun" "$device" keys -k; now=$output
    one "$lun" "$device" reservation -r
    eval "before=\\$keys_$number"
    if [ "$now" != "$before" ] || [ "$round" = 0 ]; then
      one "$lun" "$device" full-status -s
      eval "keys_$number=\\$now"
    fi
  done
  round=$((round + 1))
  printf '=R= %s\\n' "$round" || exit 0
  [ "$rounds" = "$round" ] && exit 0
  sleep "$period"
done
`

export interface Sample {
  readonly event: KeysRead
  /** seconds since the host's boot: when the answer was complete */
  readonly hostAt: number
}

export interface SampleReader {
  /** Takes the next line; gives a sample when one is complete, or the number of a finished round. */
  line(text: string): Sample | { readonly round: number } | undefined
}

const actions = new Set(['keys', 'reservation', 'full-status'])

/** Reads the sampler's lines. A line where none is expected means that the script is not ours: an error. */
export function createSampleReader(): SampleReader {
  let head: readonly string[] | undefined
  let part: 'output' | 'errors' = 'output'
  let output: string[] = []
  let errors: string[] = []
  return {
    line(text) {
      if (!head) {
        const words = text.split(' ')
        if (words[0] === '=R=') return { round: Number(words[1]) }
        if (words[0] !== '=B=' || words.length !== 8) throw new Error(`unexpected line from the key sampler: ${text}`)
        head = words
        part = 'output'
        output = []
        errors = []
        return undefined
      }
      if (text === '=E=' && part === 'output') {
        part = 'errors'
        return undefined
      }
      if (text !== '=.=') {
        ;(part === 'output' ? output : errors).push(text)
        return undefined
      }
      const sample = complete(head, output, errors)
      head = undefined
      return sample
    },
  }
}

function complete(head: readonly string[], output: readonly string[], errors: readonly string[]): Sample {
  const [, lun = '', device = '', action = '', attempt, began, ended, code] = head
  if (!actions.has(action)) throw new Error(`unexpected action from the key sampler: ${head.join(' ')}`)
  // the script puts one line feed after each text, whatever the text ends with
  const text = (lines: readonly string[]) => lines.join('\n')
  return {
    hostAt: Number(ended),
    event: {
      type: 'keys',
      lun,
      device,
      action: action as KeysRead['action'],
      exit: code === 'none' ? null : Number(code),
      stdout: text(output),
      stderr: text(errors),
      began: Number(began),
      ended: Number(ended),
      attempt: attempt === '2' ? 2 : 1,
    },
  }
}
