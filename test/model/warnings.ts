// What is said on the console besides results.

/** What `work` warned of. */
export async function warnings(work: () => unknown): Promise<string[]> {
  const { warn } = console;
  const told: string[] = [];
  console.warn = (text: string) => void told.push(text);
  try {
    await work();
  } finally {
    console.warn = warn;
  }
  return told;
}
