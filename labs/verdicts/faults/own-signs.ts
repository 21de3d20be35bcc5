import { faultNamed } from '../../faults/faults.ts'
import { ofType } from '../../journal/run.ts'
import { needsAnswer, questionsOf } from './raw-answers.ts'
import type { Sign, Stretch } from './lasted.ts'

/** Whatever was answered again to the questions by which it had been verified, and what the engine found then. */
export function answeredAgain({ life, plan, lines }: Stretch): readonly Sign[] {
  const denied = life.steps.flatMap((line): Sign[] => {
    const isDenied = (line.step === 'held' && line.ok === false) || (line.step === 'gone' && line.ok === true)
    if (!isDenied || !lines.includes(line)) return []
    return [{ seq: line.seq, kind: 'against', text: line.evidence ?? 'it was not there when it was looked at again' }]
  })
  // what happens once is not there again, and needs not be
  if (faultNamed(life.fault)?.lasts !== undefined) return denied
  const checks = plan.verify.filter(({ kind }) => kind === 'command' || kind === 'outlets')
  return [
    ...denied,
    ...checks.flatMap((check) =>
      questionsOf(check).flatMap((question) =>
        question.answers(lines).map(({ seq, ok, evidence }): Sign => ({
          seq,
          kind: !ok ? 'against' : needsAnswer(check) ? 'proof' : 'for',
          text: evidence,
        })),
      ),
    ),
  ]
}

/**
 * A dead-man timer that cannot be renewed because it is not there any more has taken the fault back, or went down with its
 * host; one that is there has not.
 */
export function timerSigns({ run, life, plan, lines }: Stretch): readonly Sign[] {
  const id = `${run.started.run}-${life.id}`
  return ofType(lines, 'command').flatMap(({ seq, host, purpose, argv, exit }): Sign[] => {
    const isRenewal = purpose === 'renew the dead-man timer' && argv[3] === 'fault' && argv[5] === id
    if (!isRenewal || !plan.timers.some((timer) => timer.host === host)) return []
    if (exit === 0) return [{ seq, kind: 'for', text: `its dead-man timer on ${host} was renewed` }]
    return exit === 1 ? [{ seq, kind: 'against', text: `its dead-man timer on ${host} was not there any more` }] : []
  })
}
