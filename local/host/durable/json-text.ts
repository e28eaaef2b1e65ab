/** Text that is no JSON is taken as a string, as 3.14 does. */
export function jsonText(body: string): string {
  try {
    JSON.parse(body)
    return body
  } catch {
    return JSON.stringify(body)
  }
}
