/**
 * The sampler that lives on a host while a run goes on: one shell, one sg_persist per read, nothing else. It reads -k and
 * -r in each round and -s when the text of -k changed (not only when the generation moved: LIO does not raise it when a
 * nexus unregisters, though SPC-4 says so). A unit attention (exit 6: the command was not carried out) is followed by another
 * try, up to five times: after a reset and a change of the LUN several are queued. An empty table is read once more with
 * `-vvv`, which shows the bytes that arrived (labs/scsi/read-trace.ts), and as long as it stays empty every read is made so: one
 * command each, as for any other table. All answers are handed on. Both texts of an answer are handed on to the letter, its end included: a text
 * without its last line feed was cut. What was read goes out at the end of a round, and where a round takes longer, every
 * third of a second: under emulation sending costs a host a fifth of a read.
 * Times are those of /proc/uptime, which a shell reads without starting a process.
 */
import { readTrace } from '../scsi/read-trace.ts'
import type { KeysRead } from '../journal/event.ts'

/**
 * Arguments: period in seconds, rounds (0: until the channel closes), `changed` or `always` (when -s is read), then
 * lun=device ...
 */
export const keySamplerScript = `
period=$1; rounds=$2; full=$3; shift 3
# what sg_persist says goes into files, and not into $(...), which takes the last line feeds off
if [ -z "$TMPDIR" ] && [ -w /run ]; then said=/run/fencelab-sampler.$$; else said=$(mktemp) || exit 3; fi
trap 'rm -f "$said" "$said.errors"' EXIT
trap 'exit 0' TERM HUP INT PIPE
# a text to the letter, with what stands after its last line feed: where a text ends tells whether it was cut
slurp() {
  text=
  while IFS= read -r line; do text="$text$line
"; done <"$1"
  text=$text$line
}
# adds one read to what is to be sent
one() {
  attempt=1
  eval "trace=\\$trace_\${number}_\${4#-}"
  while :; do
    read -r began rest </proc/uptime
    sg_persist -n -y "$4" $trace "$2" >"$said" 2>"$said.errors"; code=$?
    read -r ended rest </proc/uptime
    slurp "$said"; output=$text
    text=
    [ -s "$said.errors" ] && slurp "$said.errors"
    sent="$sent=B= $1 $2 $3 $attempt $began $ended $code $trace
$output
=E=
$text
=.=
"
    attempt=$((attempt + 1))
    case $code in
      6) [ "$attempt" -le 6 ] || break ;;
      0)
        case $output in
          *"there are NO registered "* | *"there is NO reservation "* | *"No full status "*)
            [ -z "$trace" ] || break
            trace=-vvv ;;
          *) trace=; break ;;
        esac ;;
      *) break ;;
    esac
  done
  eval "trace_\${number}_\${4#-}=\\$trace"
}
sent=
# sends what there is; $1 says at which time (in hundredths of a second; 0: in any case) it was read
flush() {
  [ "$1" = 0 ] || [ $(($1 - last)) -ge 33 ] || return 0
  printf '%s' "$sent" || exit 0
  sent=
  last=$1
}
round=0
while :; do
  read -r now rest </proc/uptime
  last=\${now%.*}\${now#*.}
  number=0
  for pair in "$@"; do
    lun=\${pair%%=*}; device=\${pair#*=}; number=$((number + 1))
    if [ -e "$device" ]; then
      one "$lun" "$device" keys -k; now=$output
      one "$lun" "$device" reservation -r
      eval "before=\\$keys_$number"
      if [ "$now" != "$before" ] || [ "$round" = 0 ] || [ "$full" = always ]; then
        one "$lun" "$device" full-status -s
        eval "keys_$number=\\$now"
      fi
    else
      read -r began rest </proc/uptime
      ended=$began
      sent="$sent=B= $lun $device keys 1 $began $began none

=E=
no such device

=.=
"
    fi
    flush "\${ended%.*}\${ended#*.}"
  done
  round=$((round + 1))
  sent="$sent=R= $round
"
  flush 0
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
        if (words[0] !== '=B=' || words.length < 8 || words.length > 9)
          throw new Error(`unexpected line from the key sampler: ${text}`)
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
  const [, lun = '', device = '', action = '', attempt, began, ended, code, traced = ''] = head
  if (!actions.has(action)) throw new Error(`unexpected action from the key sampler: ${head.join(' ')}`)
  // the script puts one line feed after each text, whatever the text ends with
  const text = (lines: readonly string[]) => lines.join('\n')
  const { bytes, rest } = traced === '' ? { bytes: undefined, rest: text(errors) } : readTrace(text(errors))
  // of a table that is not empty the text tells that it arrived
  const isEmpty = /\b(?:there are NO registered|there is NO reservation|No full status)\b/.test(text(output))
  return {
    hostAt: Number(ended),
    event: {
      type: 'keys',
      lun,
      device,
      action: action as KeysRead['action'],
      exit: code === 'none' ? null : Number(code),
      stdout: text(output),
      stderr: rest,
      began: Number(began),
      ended: Number(ended),
      attempt: Number(attempt),
      ...(bytes !== undefined && isEmpty && { bytes }),
    },
  }
}
