/**
 * Asks a LIO array itself who is registered, by reading configfs with nothing but the shell: it costs the cluster no
 * command and needs no nexus, so it sees what a read through an initiator could miss or disturb.
 */

/**
 * Arguments: period in seconds, and where the LUNs of the target are in configfs if not in its place. Prints a LUN's view
 * when it changed: =A= unit serial, uptime; the text; =.=
 */
export const arraySamplerScript = `
period=$1
core=\${2:-/sys/kernel/config/target/core}
trap 'exit 0' TERM HUP INT PIPE
file() { line=; while IFS= read -r line; do text="$text$line
"; done <"$1"; [ -z "$line" ] || text="$text$line
"; }
while :; do
  number=0
  for store in "$core"/*/*/pr; do
    [ -r "$store/res_holder" ] || continue
    number=$((number + 1))
    text=
    for part in res_pr_generation res_holder res_pr_type res_pr_registered_i_pts; do file "$store/$part"; done
    eval "before=\\$view_$number"
    [ "$text" = "$before" ] && continue
    IFS= read -r serial <"\${store%/pr}/wwn/vpd_unit_serial" || continue
    # a LUN that nobody gave a serial number has no WWID: it is none of the testbed's
    [ -n "\${serial##* }" ] || continue
    eval "view_$number=\\$text"
    read -r now rest </proc/uptime
    printf '=A= %s %s\\n%s=.=\\n' "\${serial##* }" "$now" "$text" || exit 0
  done
  sleep "$period"
done
`

export interface ArrayView {
  /** in sysfs form, as LIO makes it from the unit serial */
  readonly wwid: string
  readonly hostAt: number
  readonly text: string
}

/** Reads the lines of the script; gives a view when one is complete. */
export function createArrayReader(): { line(text: string): ArrayView | undefined } {
  let head: { readonly wwid: string; readonly hostAt: number } | undefined
  let lines: string[] = []
  return {
    line(text) {
      if (!head) {
        const match = /^=A= (\S+) ([\d.]+)$/.exec(text)
        if (!match?.[1]) throw new Error(`unexpected line from the array sampler: ${text}`)
        const digits = match[1].toLowerCase().replace(/[^0-9a-f]/g, '')
        head = { wwid: `naa.6001405${digits.slice(0, 25).padEnd(25, '0')}`, hostAt: Number(match[2]) }
        lines = []
        return undefined
      }
      if (text !== '=.=') {
        lines.push(text)
        return undefined
      }
      const view = { ...head, text: `${lines.join('\n')}\n` }
      head = undefined
      return view
    },
  }
}
