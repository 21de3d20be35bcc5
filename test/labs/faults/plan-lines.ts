/** A plan of a fault in lines that can be read and compared as a whole. */
import type { FaultAction, FaultCheck, FaultPlan } from '../../../labs/faults/fault.ts'

/** Long scripts that several lines have in common, in a word. */
const short = (text: string) =>
  text.replace(/device=\nfor block in [\s\S]*?exit 1; }\n/, '(device of $3) ').replaceAll('\n', '; ')

const outlets = (of: readonly string[], on: boolean) => `outlets ${of.join(' ')} ${on ? 'on' : 'off'}`

/** Of a script only what it does after the timer was seen to: the rest is the same in all faults. */
function actionLine(action: FaultAction): string {
  if (action.kind === 'outlets') return outlets(action.outlets, action.on)
  const [, , script = '', , ...words] = action.argv
  const own = script.replace(/^[\s\S]*\n(?:fi|echo \$! >"\$file" \|\| exit 1)(?:\n|$)/, '')
  return `${action.host}: ${short(own)} [${words.join(' ')}]`
}

/** What the host would do by itself. */
function timerLine(action: FaultAction): string[] {
  if (action.kind === 'outlets') return []
  const undo = /; done; (.*); rm -f "\$0"' "\$file" (.*) <\/dev\/null/.exec(action.argv[2] ?? '')
  return undo ? [`${action.host}: ${undo[1]} [${undo[2]}]`] : []
}

function checkLine(check: FaultCheck): string {
  const mark = check.secondWitness ? '(second witness) ' : ''
  switch (check.kind) {
    case 'command':
      return `${mark}${check.host}: ${short(check.argv.join(' '))} [${check.expected.join(' ')}]`
    case 'outlets':
      return `${mark}${outlets(check.outlets, check.on)}`
    case 'reach':
      return `${mark}${check.host} ${check.wanted}`
    case 'seen':
      return `${mark}seen: ${check.purpose}`
  }
}

export const planLines = ({ apply, verify, revert, gone, timers, undoText, startsAnew }: FaultPlan) => ({
  apply: apply.map((stage) => stage.map(actionLine)),
  timers: apply.flat().flatMap(timerLine),
  verify: verify.map(checkLine),
  revert: revert.map(actionLine),
  gone: gone.map(checkLine),
  renewed: timers.map(({ host, words }) => `${host} [${words.join(' ')}]`),
  undoText,
  startsAnew: startsAnew ?? [],
})
