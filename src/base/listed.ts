/** The first of a list for a sentence, and how many more there are. */
export function listed(items: readonly string[], most = 6, separator = ', '): string {
  const rest = items.length - most;
  return rest > 1 ? `${items.slice(0, most).join(separator)} and ${rest} more` : items.join(separator);
}
