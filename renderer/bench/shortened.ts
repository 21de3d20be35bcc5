/** A text that has room for so many characters, with its end cut off where it is longer. */
export const shortened = (text: string, room: number) =>
  text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`
