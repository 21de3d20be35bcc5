/**
 * What `sg_persist --in -vvv` adds on its error output: the command, how long it took, how much arrived, and the bytes that
 * arrived. Its standard output stays what it is without, made of the same bytes, so that one call gives both. Source:
 * sg3_utils 1.37 to 1.49, sg_ll_persistent_reserve_in() (lib/sg_cmds_extra.c: "response" is printed for GOOD with at least
 * one byte, never for a CHECK CONDITION), sg_cmds_process_resp(), dStrHexErr(), do_scsi_pt() (lib/sg_pt_linux.c).
 * `-H` would print the buffer by the length that it announces itself, arrived or not, and says nothing of how much arrived.
 */
export interface Trace {
  /** the bytes that arrived, hexadecimal, at most the first 256; absent where none did, or the program was not traced */
  readonly bytes?: string
  /** what the program said besides: errors */
  readonly rest: string
}

const known = [
  /^open \S+ with flags=0x[0-9a-f]+$/,
  /^ *persistent reserv\w+ (?:in|out) (?:cdb|cmd): [0-9a-f \[\]]+$/i,
  /^ *duration=\d+ (?:ms|ns)$/,
  // what a PERSISTENT RESERVE OUT sends, with offsets and letters, and that it was carried out
  /^ *persistent reserv\w+ out parameters:$/i,
  /^ *[0-9a-f]{2,4} {3,}(?:[0-9a-f]{2} {1,2}){1,16}/i,
  /^PR out: command \([^)]*\) successful$/i,
  // of an answer that is shorter than the buffer, as nearly all are; 1.46 prints "got" twice
  /^ *(?:persistent reserv\w+ in: )?pass-through requested \d+ bytes\b.*\bgot [1-9]\d* bytes.*$/i,
] as const
const heading = /^ *persistent reserv\w+ in: response(?:, first 256 bytes)?:?$/i
const hexLine = /^ *(?:[0-9a-f]{2} {1,2}){0,15}[0-9a-f]{2} *$/i

const tellsOfAnError =
  /bad |illegal|unsupported|abort|sense|status|transport|error|fail|attention|conflict|time-?out|request|invalid|denied|not |no |unable|recover|got /i

/** Takes the trace out of what was printed on the error output. */
export function readTrace(stderr: string): Trace {
  const rest: string[] = []
  let bytes = ''
  let within = false
  for (const line of stderr.split('\n')) {
    if (heading.test(line)) within = true
    else if (within && hexLine.test(line)) bytes += line.replaceAll(' ', '').toLowerCase()
    else {
      within = false
      if (!known.some((pattern) => pattern.test(line))) rest.push(line)
    }
  }
  // releases differ in what else they tell of their way to the device: only what may be an error is one
  const said = rest.join('\n')
  return { ...(bytes !== '' && { bytes }), rest: /\w/.test(said) && !tellsOfAnError.test(said) ? '' : said }
}
