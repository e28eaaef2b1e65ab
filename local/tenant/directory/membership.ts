import type { Link } from './model.ts'

/** Every id below the group, groups included, however deep. Circles end. */
export function transitiveMembers(links: Link[], groupId: string): string[] {
  return walk(groupId, (at) =>
    links.filter((l) => l.kind === 'members' && l.groupId === at).map((l) => l.objectId),
  )
}

/** Every group above the object, however far. */
export function transitiveGroups(links: Link[], objectId: string): string[] {
  return walk(objectId, (at) =>
    links.filter((l) => l.kind === 'members' && l.objectId === at).map((l) => l.groupId),
  )
}

function walk(from: string, next: (id: string) => string[]): string[] {
  const found = new Set<string>()
  const todo = [from]
  for (let at = todo.pop(); at !== undefined; at = todo.pop())
    for (const id of next(at))
      if (!found.has(id)) {
        found.add(id)
        todo.push(id)
      }
  return [...found]
}
