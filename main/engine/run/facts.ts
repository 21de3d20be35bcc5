import { timeoutFact } from '../../../labs/journal/scsi-timeout.ts'
import type { Recorder } from '../../recorder/recorder.ts'
import type { Lab } from '../../lab/lab.ts'

const script = `
printf 'kernel=%s\\n' "$(uname -srvm)"
[ -r /etc/os-release ] && . /etc/os-release && printf 'system=%s\\n' "$PRETTY_NAME"
command -v sg_persist >/dev/null && printf 'sg_persist=%s\\n' "$(sg_persist -V 2>&1)"
command -v iscsiadm >/dev/null && printf 'iscsiadm=%s\\n' "$(iscsiadm --version 2>&1)"
[ -r /etc/iscsi/initiatorname.iscsi ] && . /etc/iscsi/initiatorname.iscsi && printf 'initiator=%s\\n' "$InitiatorName"
[ -r /sys/module/target_core_mod/version ] && printf 'target_core=%s\\n' "$(cat /sys/module/target_core_mod/version)"
for block in /sys/block/*; do
  [ -r "$block/device/wwid" ] || continue
  read -r wwid <"$block/device/wwid"; read -r vendor <"$block/device/vendor"; read -r model <"$block/device/model"; read -r rev <"$block/device/rev"
  printf 'disk %s=%s %s %s\\n' "$wwid" "$vendor" "$model" "$rev"
  read -r timeout <"$block/device/timeout" && printf '${timeoutFact}%s=%s\\n' "$wwid" "$timeout"
done
exit 0`

const known = new WeakMap<Lab, Map<string, Readonly<Record<string, string>>>>()

/**
 * Writes down the versions of everything that takes part: a verdict a year later must say what it was about. Asked once
 * while a lab is open: asking costs an emulated host seconds, and a version does not change between two rows.
 */
export async function recordFacts(lab: Lab, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const facts = known.get(lab) ?? new Map<string, Readonly<Record<string, string>>>()
  known.set(lab, facts)
  await Promise.all(
    [...lab.hosts.all.keys()].map(async (host) => {
      const found = facts.get(host) ?? (await ask(lab, host, signal))
      facts.set(host, found)
      recorder.append({ type: 'host.facts', facts: found }, { host })
    }),
  )
}

async function ask(lab: Lab, host: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await lab.run(host, {
    purpose: `versions on ${host}`,
    argv: ['sh', '-c', script],
    timeoutMs: 30_000,
    signal,
  })
  const lines = stdout.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()] as const),
  )
}
