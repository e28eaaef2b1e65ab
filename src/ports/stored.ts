/** A row as it was read, with the lock that a change to it is written under. */
export type Stored<T> = { value: T; etag: string }

export type Page<T> = { items: T[]; next: string | null }
export type PageOptions = { top: number; after: string | null }
