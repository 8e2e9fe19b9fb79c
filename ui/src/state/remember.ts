/**
 * Small choices kept in this browser: theme, rail, last site.
 * Never: keeps data of customers, or fails where storage is blocked (the choice then lasts for the visit).
 */

export interface Remembered {
  read(): string | null;
  write(value: string): void;
}

const visit = new Map<string, string>();

/** A remembered text under `trackway.<name>`. */
export function remembered(name: string): Remembered {
  const key = `trackway.${name}`;
  return {
    read: () => visit.get(key) ?? stored(key),
    write: (value) => {
      visit.set(key, value);
      try {
        localStorage.setItem(key, value);
      } catch {
        // Blocked or full: `visit` has it, which is all that can be done.
      }
    },
  };
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
