import type { Recorder } from '../recorder/recorder.ts'
import type { Lab } from './lab.ts'

const script = `
printf 'kernel=%s\\n' "$(uname -srvm)"
[ -r /etc/os-release ] && . /etc/os-release && printf 'system=%s\\n' "$PRETTY_NAME"
command -v sg_persist >/dev/null && printf 'sg_persist=%s\\n' "$(sg_persist -V 2>&1)"
command -v iscsiadm >/dev/null && printf 'iscsiadm=%s\\n' "$(iscsiadm --version 2>&1)"
[ -r /etc/iscsi/initiatorname.iscsi ] && . /etc/iscsi/initiatorname.iscsi && printf 'initiator=%s\\n' "$InitiatorName"
command -v node >/dev/null && printf 'node=%s\\n' "$(node --version)"
[ -r /sys/module/target_core_mod/version ] && printf 'target_core=%s\\n' "$(cat /sys/module/target_core_mod/version)"
for block in /sys/block/*; do
  [ -r "$block/device/wwid" ] || continue
  read -r wwid <"$block/device/wwid"; read -r vendor <"$block/device/vendor"; read -r model <"$block/device/model"; read -r rev <"$block/device/rev"
  printf 'disk %s=%s %s %s\\n' "$wwid" "$vendor" "$model" "$rev"
done
exit 0`

/** Writes down the versions of everything that takes part: a verdict a year later must say what it was about. */
export async function recordFacts(lab: Lab, recorder: Recorder, signal: AbortSignal): Promise<void> {
  await Promise.all(
    [...lab.hosts.all.keys()].map(async (host) => {
      const { stdout } = await lab.run(host, { purpose: `versions on ${host}`, argv: ['sh', '-c', script], timeoutMs: 30_000, signal })
      const facts = stdout
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()] as const)
      recorder.append({ type: 'host.facts', facts: Object.fromEntries(facts) }, { host })
    }),
  )
}
