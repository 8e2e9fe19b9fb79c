/**
 * One way to ask the server: JSON in, JSON or a Problem out.
 * Never: retries by itself, or lets a failed answer pass as data.
 */
import { Problem } from "../model/problem";

/** A question that has not been answered by then is given up, and said so. */
const ANSWER_LIMIT_MS = 30_000;

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: URLSearchParams;
  signal?: AbortSignal;
}

let csrf: string | null = null;
let onLoggedOut: () => void = () => {};

/** The session gives the token that unsafe requests must carry, and hears when the login has ended. */
export function connectSession(lost: () => void): (token: string | null) => void {
  onLoggedOut = lost;
  return (token) => {
    csrf = token;
  };
}

/**
 * Asks `/api/v1` + path.
 * @throws Problem for every answer but 2xx, for no answer, and for one that cannot be read.
 * An abort by the given signal rejects with its own AbortError, which callers leave unsaid.
 */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  if (!response.ok) throw await problemOf(response);
  try {
    return (await response.json()) as T;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new Problem(response.status, "unreadable", "The answer is not JSON.");
  }
}

/** The same for an answer that is a file: what is in it, its name, and to how many rows it was cut. @throws Problem as `ask`. */
export async function askFile(
  path: string,
  options: Ask = {},
): Promise<{ content: Blob; name: string; cut: number | null }> {
  const response = await send(path, options);
  if (!response.ok) throw await problemOf(response);
  const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "");
  const cut = Number(response.headers.get("x-trackway-cut"));
  return { content: await response.blob(), name: named?.[1] ?? "export", cut: cut || null };
}

async function send(path: string, { method = "GET", body, query, signal }: Ask): Promise<Response> {
  const text = query?.toString();
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  try {
    return await fetch(`/api/v1${path}${text ? `?${text}` : ""}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (limit.aborted) throw new Problem(0, "too_slow", "No answer within 30 seconds.");
    throw new Problem(0, "no_answer", "The server did not answer.");
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const { code, message, field } = await errorBody(response);
  if (response.status === 401 && code !== "login_failed" && code !== "code_required") onLoggedOut();
  const after = Number(response.headers.get("retry-after"));
  return new Problem(
    response.status,
    code,
    message,
    Number.isFinite(after) && after > 0 ? Math.ceil(after) : null,
    field,
  );
}

/** The contract's error shape; a proxy's HTML page in its place still gives a usable sentence. */
async function errorBody(response: Response): Promise<{ code: string; message: string; field: string | null }> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string; field?: string | null } };
    return { code: String(error.code), message: String(error.message), field: error.field ?? null };
  } catch {
    return {
      code: `http_${response.status}`,
      message: `The server answered ${response.status} without saying why.`,
      field: null,
    };
  }
}

/** Whether a failure is only our own giving up (a newer question, a screen left). */
export const isAbort = (cause: unknown): boolean => cause instanceof DOMException && cause.name === "AbortError";
