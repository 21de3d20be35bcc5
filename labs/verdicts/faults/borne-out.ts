import { unknown, type Case, type Finding } from '../case.ts'
import { lastStep, type FaultLife } from '../../journal/faults.ts'
import { ofType } from '../../journal/run.ts'
import { hostOf, type FaultCheck, type FaultPlan } from '../../faults/fault.ts'
import { needsAnswer, questionsOf, type Question } from './raw-answers.ts'
import type { Line } from '../../journal/event.ts'

/**
 * What the engine says of a fault (`verified`: it took; `gone`: it is gone again) is only what it went by. The raw answers of
 * that time say whether it is so: each question that the fault has was answered, and the last answer to it is as it must be. A
 * second witness may be silent, but must not say the contrary.
 * @returns nothing where they bear it out, and where the engine itself does not say so
 */
export function borneOut(
  run: Pick<Case, 'lines'>,
  life: FaultLife,
  plan: FaultPlan,
  step: 'verified' | 'gone',
): readonly Finding[] {
  const said = lastStep(life.steps, step)
  const from = life.steps.find((line) => line.step === (step === 'verified' ? 'applying' : 'reverting'))
  if (said?.ok !== true || !from) return []
  const lines = run.lines.filter(({ seq }) => seq > from.seq && seq < said.seq)
  const words = step === 'verified' ? 'taken' : 'gone again'
  return checksOf(plan, step).flatMap((check) =>
    questionsOf(check).flatMap((question) => doubt(question, lines, words, said.seq)),
  )
}

const checksOf = (plan: FaultPlan, step: 'verified' | 'gone'): readonly FaultCheck[] =>
  step === 'verified' ? plan.verify : plan.gone

function doubt(question: Question, lines: readonly Line[], words: string, said: number): readonly Finding[] {
  const { check, what } = question
  const host = hostOf(check)
  const died = ofType(lines, 'panic-event').some((line) => line.host === host)
  // a witness that went down meanwhile is no witness any more
  if (check.secondWitness && died) return []
  const last = question.answers(lines).at(-1)
  if (!last && needsAnswer(check))
    return [unknown(`is said to have ${words}, and nothing bears it out: ${what} was not answered`, [said])]
  if (last && !last.ok)
    return [unknown(`is said to have ${words}, and the answer was: ${last.evidence}`, [last.seq, said])]
  return []
}
