/** What a program printed as JSON; text that is none becomes an object that says so, and that no schema takes. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return { unreadable: String(error) }
  }
}
