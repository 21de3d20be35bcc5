import { resolve } from 'node:path'
import { htmlReport } from '../../../labs/report/html.ts'
import { junitReport } from '../../../labs/report/junit.ts'
import { markdownReport } from '../../../labs/report/markdown.ts'
import { countWords, reportRun, type RunReport } from '../../../labs/report/run-report.ts'
import { count } from '../../../labs/timeline/words.ts'
import { UserError } from '../../load-testbed.ts'
import { findRuns, readRun } from '../../report/read-runs.ts'
import { checkReportPlace, writeReport } from '../../report/write-report.ts'
import { version } from '../../version.ts'
import type { Context, ExitStatus } from '../context.ts'

/** The forms of a report, by the name of their option. */
const forms = { html: htmlReport, junit: junitReport, markdown: markdownReport } as const
export type ReportFiles = { readonly [form in keyof typeof forms]?: string | undefined }

/**
 * Writes what recorded runs show, as files for others. Exit status 0: they are written, whatever the verdicts are.
 * @param directory the folder of a run, or a folder with several
 */
export async function report(directory: string, files: ReportFiles, context: Context): Promise<ExitStatus> {
  const wanted = (Object.keys(forms) as (keyof typeof forms)[]).flatMap((form) => {
    const file = files[form]
    return file === undefined ? [] : [{ form, file }]
  })
  if (wanted.length === 0)
    throw new UserError('which report? Give --html FILE, --junit FILE or --markdown FILE, or several of them')
  for (const { file } of wanted) checkReportPlace(file)
  if (new Set(wanted.map(({ file }) => resolve(file))).size < wanted.length) {
    throw new UserError('two reports cannot be written to the same file')
  }
  const reports: RunReport[] = []
  const folders = findRuns(directory)
  for (const [index, folder] of folders.entries()) {
    context.onProgress({ text: `reading ${folder}`, fraction: index / folders.length })
    reports.push(reportRun(await readRun(folder, context.signal)))
  }
  for (const { form, file } of wanted) {
    writeReport(file, forms[form](reports, version))
    context.print(`${form}: ${file}`)
  }
  for (const { recording } of reports)
    if (!recording.whole) context.say(`${recording.name} is not whole: it is inconclusive in the report`)
  const { pass, fail, inconclusive } = countWords(reports)
  context.print(`${count(reports.length, 'run')}: ${pass} pass, ${fail} fail, ${inconclusive} inconclusive`)
  return 0
}
