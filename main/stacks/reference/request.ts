import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import type { StackHosts } from '../stack-driver.ts'
import { parseJson } from './parse-json.ts'

/** Under emulation a Node process takes seconds to start on a busy machine. */
export const startMilliseconds = 60_000

/** Puts a request down as a file and waits for its answer (main/agent/file-control.ts): no process but the shell's. */
const requestScript = `
mkdir -p "$1"
printf '%s' "$3" >"$1/$2.new" && mv "$1/$2.new" "$1/$2.request" || exit 1
tries=0
while [ ! -e "$1/$2.answer" ]; do
  [ $tries -ge "$4" ] && { echo "the agent does not answer" >&2; rm -f "$1/$2.request"; exit 1; }
  sleep "$5"; tries=$((tries + 1))
done
cat "$1/$2.answer"; rm -f "$1/$2.answer"`

/** how often the answer is looked for, and the seconds between two looks */
export const patience = { tries: 300, pause: '0.1' } as const
/** an agent that was only just started has not read its requests yet; looking often would slow its start down */
export const patienceAtStart = { tries: 110, pause: '0.5' } as const

/**
 * Asks the agent on a host.
 * @returns its answer
 * @throws Error where it does not answer, refuses, or says something that is no answer
 */
export async function request(
  hosts: StackHosts,
  host: string,
  purpose: string,
  what: object,
  signal: AbortSignal,
  { tries, pause }: { readonly tries: number; readonly pause: string } = patience,
): Promise<object> {
  const { stdout } = await hosts.run(host, {
    purpose,
    argv: [
      'sh',
      '-c',
      requestScript,
      'request',
      agentPlace.requests,
      randomUUID(),
      JSON.stringify(what),
      String(tries),
      pause,
    ],
    timeoutMs: startMilliseconds,
    signal,
  })
  const answer = v.safeParse(v.looseObject({ ok: v.boolean(), error: v.optional(v.string()) }), parseJson(stdout))
  if (!answer.success) throw new Error(`${host}: ${purpose}: the agent's answer was not understood: ${stdout.trim()}`)
  if (!answer.output.ok)
    throw new Error(`${host}: ${purpose}: the agent refused: ${answer.output.error ?? 'without a reason'}`)
  return answer.output
}
