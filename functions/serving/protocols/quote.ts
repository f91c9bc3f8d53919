/** A client's own word as it may stand in a message: quoted, the first 100 characters. */
export function quote(text: string): string {
  return `"${text.slice(0, 100)}"`;
}
