const phase = 'says what the lab was about; what it did then is in events of its own'
const console = 'a console that is not followed shows no panic, which is missing where it is needed'
const broken = 'that a log was read no further is seen by the reading that did not come to its end'
const ended = 'what could not be asked is missing where it is needed'

/** Kinds of events that decide nothing, and why that is right. Every other kind can hurt some verdict. */
export const forPeople: Readonly<Record<string, string>> = {
  note: 'for people by definition',
  connection: ended,
  'connection state=connected': ended,
  'connection state=slow': ended,
  'connection state=gone': ended,
  'command failure=timeout': ended,
  'command failure=aborted': ended,
  'command failure=signal': ended,
  'phase name=prepare': phase,
  'phase name=baseline': phase,
  'phase name=inject': phase,
  'phase name=observe': phase,
  await: 'tells when the lab stopped waiting, not what became of anybody',
  'await met=true': 'tells when the lab stopped waiting, not what became of anybody',
  'await met=false': 'tells when the lab stopped waiting, not what became of anybody',
  'follow what=console': console,
  'follow step=ended': broken,
  applicability: 'decides where nothing was run, and only there (test/labs/verdicts/judge.test.ts)',
  'applicability applicable=true': 'says that the row could be run, which is seen',
  'applicability applicable=false': 'decides where nothing was run, and only there (test/labs/verdicts/judge.test.ts)',
}
