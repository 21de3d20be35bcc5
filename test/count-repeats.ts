/** Notes what vitest repeats by itself (`retry`). */
import { afterEach } from 'vitest'
import { noteRepeat } from './note-repeat.ts'

afterEach(({ task }) => {
  const attempts = task.result?.retryCount ?? 0
  const known = task.meta.repeated?.length ?? 0
  if (attempts > known) noteRepeat(task, task.result?.errors?.at(-1)?.message ?? 'it failed')
})
