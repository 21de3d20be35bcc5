/** Something about a testbed file that its writer must (error) or should (warning) know, with its place in the file. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** from 1; always a line of the file */
  readonly line: number
  /** from 1, in UTF-16 code units */
  readonly column: number
  /** where in the testbed, like `hosts.nodea.node.id`; empty for the file as a whole */
  readonly path: string
  /** what is wrong */
  readonly message: string
  /** what would be right */
  readonly expected: string
  /** that line of the file; values that look like secrets are covered */
  readonly source: string
}
